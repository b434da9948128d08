import Records
import SystemPackage
import Testing

@testable import CommandSupport

@Suite struct FailureTests {
  @Test(
    "gives each failure its exit status and message",
    arguments: [
      (Failure.usage("no model"), 64, "no model"),
      (.badData("<stdin>", line: 17, "expected a pitch"), 65, "<stdin>:17: expected a pitch"),
      (.badData("a.mid", "no header chunk"), 65, "a.mid: no header chunk"),
      (.badData("a.jsonl", RecordError(line: 3, column: 9, message: "no")), 65, "a.jsonl:3: no"),
      (
        .missingFile("a.mid", .noSuchFileOrDirectory), 66,
        "cannot open a.mid: No such file or directory"
      ),
      (
        .unavailable("connect to KeyStep", "no such port"), 69,
        "cannot connect to KeyStep: no such port"
      ),
      (.internalError("plan without chords"), 70, "plan without chords"),
      (.io("write to x", .noSpace), 74, "cannot write to x: No space left on device"),
      (.readerWentAway, 0, ""),
    ] as [(Failure, Int32, String)])
  func statusesAndMessages(
    failure: Failure, status: Int32, message: String
  ) {
    #expect(failure.status.rawValue == status)
    #expect(failure.message == message)
  }
}
