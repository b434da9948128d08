import Music
import TestSupport
import Testing

struct SoundingNotesTests {
  static func note(_ pitch: Int, _ channel: Int = 1, velocity: Int = 64) -> Note {
    Note(channel: Channel(channel)!, pitch: Pitch(pitch)!, velocity: Velocity(velocity)!)
  }

  @Test("holds what a set of (channel, pitch) pairs holds, whatever is pressed and released")
  func agreesWithASet() {
    let seed: UInt64 = 24
    var generator = SplitMix64(seed: seed)
    var sounding = SoundingNotes()
    var model: Set<[Int]> = []
    for _ in 0..<5000 {
      let (channel, pitch) = (
        Int.random(in: 1...16, using: &generator), Int.random(in: 0...127, using: &generator)
      )
      let note = Self.note(pitch, channel)
      if Bool.random(using: &generator) {
        #expect(sounding.insert(note) == model.insert([channel, pitch]).inserted, "seed \(seed)")
      } else {
        #expect(sounding.remove(note) == (model.remove([channel, pitch]) != nil), "seed \(seed)")
      }
      #expect(sounding.contains(note) == model.contains([channel, pitch]), "seed \(seed)")
    }
    #expect(sounding.pitches.map { Int($0.rawValue) } == Set(model.map { $0[1] }).sorted())
    var removed: [[Int]] = []
    sounding.removeAll { removed.append([Int($0.channel.rawValue), Int($0.pitch.rawValue)]) }
    #expect(removed == model.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) })
    #expect(sounding.isEmpty)
  }

  @Test("follows note-ons and note-offs, and no other message")
  func followsMessages() {
    var sounding = SoundingNotes()
    let messages: [ChannelMessage] = [
      .noteOn(Self.note(60)), .noteOn(Self.note(64, 2)), .noteOff(Self.note(60, velocity: 9)),
      .control(channel: Channel(2)!, controller: 123, value: 0),
      .program(channel: Channel(2)!, program: 64), .bend(channel: Channel(2)!, value: 0),
    ]
    for message in messages { sounding.receive(message) }
    #expect(!sounding.contains(Self.note(60)))
    #expect(sounding.contains(Self.note(64, 2)))
  }

  @Test("removes the notes of one channel and leaves the others")
  func removesOneChannel() {
    var sounding = SoundingNotes()
    for channel in [1, 2, 3] { sounding.insert(Self.note(127, channel)) }
    var removed: [Note] = []
    sounding.removeAll(of: Channel(2)!) { removed.append($0) }
    #expect(removed == [Self.note(127, 2)])
    #expect([1, 3].allSatisfy { sounding.contains(Self.note(127, $0)) })
  }
}

struct ChannelMessageTests {
  static let first = Channel(1)!

  @Test(
    "names the parameter that a message sets on its channel",
    arguments: [
      (.control(channel: first, controller: 7, value: 90), .controller(first, 7)),
      (.program(channel: first, program: 4), .program(first)),
      (.bend(channel: first, value: -8192), .bend(first)),
      (.noteOff(SoundingNotesTests.note(60)), nil),
    ] as [(ChannelMessage, ChannelParameter?)])
  func parameter(message: ChannelMessage, expected: ChannelParameter?) {
    #expect(message.parameter == expected)
    #expect(message.channel == Self.first)
  }
}
