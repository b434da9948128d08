import CommandSupport

runTool(JamTee.self)
