import CommandSupport

runTool(JamAgent.self)
