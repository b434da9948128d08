import CommandSupport

runTool(MidiIn.self)
