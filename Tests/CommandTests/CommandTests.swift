import TestSupport
import Testing

@Test("commands are run with the tools that were built with the tests")
func findsTools() throws {
  let outcome = try ToolRunner.shell(
    "command -v midi-in jam-agent plan-view jam-tee midi-out jam-check jam-latency")
  #expect(outcome.status == 0)
  #expect(outcome.lines.allSatisfy { $0.hasPrefix(ToolRunner.binaries.path) })
}
