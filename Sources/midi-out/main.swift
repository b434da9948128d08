import CommandSupport

if CommandLine.arguments.first == GuardLauncher.processName { GuardProcess.run() }
runTool(MidiOut.self)
