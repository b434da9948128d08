import CommandSupport

runTool(PlanView.self)
