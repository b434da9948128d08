import CommandSupport

runTool(JamCheck.self)
