import CommandSupport

runTool(MidiOut.self)
