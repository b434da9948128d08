import CommandSupport

runTool(JamLatency.self)
