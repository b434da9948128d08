import Chords
import Foundation
import MidiFile
import Testing

@testable import Keys

@Suite struct KeyFinderTests {
  /// A scale up and down from its tonic, in quarter notes; those of the tonic chord are longer.
  private func scale(_ steps: [Int], from tonic: Int) -> LeadSheet {
    var onset = 0.0
    let notes = (steps + [12] + steps.reversed()).map { step in
      let duration = [0, steps[2], steps[4], 12].contains(step) ? 2.0 : 1.0
      defer { onset += duration }
      return LeadSheet.Note(onset, duration, 60 + tonic + step)
    }
    return LeadSheet(melody: notes)
  }

  @Test(
    "finds the key of a scale, from each tonic",
    arguments: [([0, 2, 4, 5, 7, 9, 11], false), ([0, 2, 3, 5, 7, 8, 11], true)])
  func findsScales(steps: [Int], isMinor: Bool) {
    for tonic in 0..<12 {
      let expected = MusicalKey(tonic: PitchClass(semitonesAboveC: tonic), isMinor: isMinor)
      #expect(scale(steps, from: tonic).keys(frames: 80).last == expected)
    }
  }

  @Test("knows no key before three notes have begun or a chord has")
  func needsThreeNotes() throws {
    let notes = [60, 64, 67].enumerated().map { LeadSheet.Note(Double($0), 1, $1) }
    let keys = LeadSheet(melody: notes).keys(frames: 12)
    #expect(keys[7] == nil && keys[8] != nil)
    let chord = LeadSheet(melody: [], chords: [try .init(1, 1, "E")])
    #expect(chord.keys(frames: 8)[3...5].map { $0?.name } == [nil, "E major", "E major"])
  }

  @Test("chords tell the key where there is no melody")
  func listensToChords() throws {
    let symbols = ["Am", "Dm", "E7", "Am"].enumerated()
    let sheet = LeadSheet(
      melody: [], chords: try symbols.map { try .init(Double(4 * $0), 4, $1) })
    #expect(sheet.keys(frames: 64).last??.name == "A minor")
  }

  @Test("follows a modulation, and does not waver without one")
  func followsModulations() {
    let steps = [0, 2, 4, 5, 7, 9, 11]
    var notes: [LeadSheet.Note] = []
    for (round, tonic) in [0, 0, 0, 0, 0, 4, 4, 4].enumerated() {
      notes += scale(steps, from: tonic).melody.map {
        LeadSheet.Note($0.onset + Double(20 * round), $0.duration, $0.pitch)
      }
    }
    let keys = LeadSheet(melody: notes).keys(frames: 8 * 80).map { $0?.name }
    #expect(Set(keys[80..<400]) == ["C major"])
    #expect(Set(keys[560...]) == ["E major"])
    #expect(zip(keys.dropFirst(80), keys.dropFirst(81)).count { $0 != $1 } <= 2)
  }

  @Test("the length of frames does not matter")
  func scalesWithFrames() {
    let sheet = scale([0, 2, 3, 5, 7, 8, 11], from: 2)
    var fine = KeyFinder(framesPerBeat: 12)
    let fineKeys = sheet.moments(frames: 80).map { moment -> MusicalKey? in
      for part in 0..<3 {
        var moment = moment
        moment.place = 3 * moment.place + part
        moment.beatLength *= 3
        moment.isOnset = moment.isOnset && part == 0
        fine.hear(moment)
      }
      return fine.key
    }
    #expect(fineKeys == sheet.keys(frames: 80))
  }

  @Test("Ode to Joy is in D from bar 2 on")
  func findsOdeToJoy() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Examples/ode-to-joy.mid")
    let file = try MidiFile(parsing: Array(Data(contentsOf: path)))
    var begun: [UInt8: Int] = [:]
    var notes: [LeadSheet.Note] = []
    for event in file.tracks.joined() {
      switch event.event {
      case .message(.noteOn(let note)): begun[note.pitch.rawValue] = event.tick
      case .message(.noteOff(let note)):
        let from = try #require(begun[note.pitch.rawValue])
        let beats = [from, event.tick - from].map { Double($0) / Double(file.ticksPerQuarter) }
        notes.append(LeadSheet.Note(beats[0], beats[1], Int(note.pitch.rawValue)))
      default: break
      }
    }
    let keys = LeadSheet(melody: notes).keys(frames: 16 * 16)
    #expect(Set(keys[15...]).map { $0?.name } == ["D major"])
  }
}

/// Lead sheets that are not part of the project.
private let corpus: [URL] = {
  let named = ProcessInfo.processInfo.environment["JAMLINE_CORPUS"].map { URL(filePath: $0) }
  let package = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  let files = try? FileManager.default.contentsOfDirectory(
    at: named ?? package.appending(path: "corpus"), includingPropertiesForKeys: nil)
  let isUntrained = { (file: URL) in [".test.", ".valid."].contains { file.path.contains($0) } }
  return (files ?? []).filter(isUntrained).sorted { $0.path < $1.path }
}()

@Suite struct KeyAccuracyTests {
  @Test(
    "finds tonic and mode of nine tunes of ten by bar 8",
    .enabled(if: !corpus.isEmpty, "No corpus: set JAMLINE_CORPUS to its folder."))
  func findsKeys() throws {
    var (tunes, right, signatures) = (0, 0, 0)
    for file in corpus {
      for line in try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")) {
        let sheet = try JSONDecoder().decode(LeadSheet.self, from: line)
        guard let key = sheet.trustedKey else { continue }
        let found = sheet.keys(frames: sheet.firstBar + 8 * sheet.bar).last!
        tunes += 1
        if found?.tonic.pitchClass == key.tonic.pitchClass, found?.isMinor == key.isMinor {
          right += 1
        }
        if found?.relativeMajor == key.relativeMajor { signatures += 1 }
      }
    }
    let figures = "\(right) keys and \(signatures) signatures of \(tunes) tunes"
    #expect(tunes >= 200, "\(figures)")
    #expect(Double(right) >= 0.9 * Double(tunes), "\(figures)")
  }
}
