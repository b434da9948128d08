import Foundation

/// Files that the tests read.
enum Fixtures {
  static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  struct Quality: Sendable {
    let suffix: String
    let canonical: String
    let intervals: [UInt8]
  }

  /// Names of qualities and what they mean. Training tests its own reader with the same file.
  static let qualities: [Quality] = {
    let file = package.appending(path: "Tests/Fixtures/chord-qualities.tsv")
    let text = try! String(contentsOf: file, encoding: .utf8)
    return text.split(separator: "\n").dropFirst().map { line in
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      return Quality(
        suffix: String(fields[0]), canonical: String(fields[1]),
        intervals: fields[2].split(separator: ",").map { UInt8($0)! })
    }
  }()

  /// Lead sheets as JSON lines, which are not part of the project; nil if there are none.
  static let corpus: [URL]? = {
    let named = ProcessInfo.processInfo.environment["JAMLINE_CORPUS"].map { URL(filePath: $0) }
    let folder = named ?? package.appending(path: "corpus")
    let files = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    let songs = files?.filter { $0.pathExtension == "jsonl" } ?? []
    return songs.isEmpty ? nil : songs
  }()
}

/// Random numbers that are the same for the same seed on every machine (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
