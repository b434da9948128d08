import CommandSupport

if CommandLine.arguments.first == Guardian.processName { Guard.run() }
runTool(MidiOut.self)
