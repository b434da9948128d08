import TestSupport
import Testing

/// The files that jam-tee writes.
@Suite struct JamTeeFileTests {
  @Test(
    "its own input or output is no branch, and stays as it is",
    arguments: [
      ("jam-tee session < session", "input"), ("jam-tee link < session", "input"),
      ("jam-tee out < session > out", "output"), ("jam-tee session < session >> session", "input"),
    ])
  func refusesItsOwnInput(command: String, name: String) throws {
    let (outcome, files) = try JamTeeCommandTests.shell(
      "ln session link; \(command)", files: ["session"])
    #expect(outcome.status == 64)
    #expect(outcome.error.contains("is the standard \(name): expected another file"))
    #expect(files[0] == JamTeeCommandTests.session(ticks: 9))
  }

  /// A limit for the sizes of files stands for a full disk: a write then stops within a line.
  @Test("a branch for which there is no room ends with a whole line")
  func endsWithAWholeLine() throws {
    let (outcome, files) = try JamTeeCommandTests.shell(
      "trap '' XFSZ; (ulimit -f 2; jam-tee full < session) | cat > all", ticks: 200,
      files: ["full", "all"])
    #expect(outcome.error.contains("cannot write to full: File too large"))
    let session = JamTeeCommandTests.session(ticks: 200)
    #expect(files[1] == session)
    #expect(files[0].count > 30 && files[0] == Array(session.prefix(files[0].count)))
  }
}
