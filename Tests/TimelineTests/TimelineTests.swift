import Music
import Records
import Testing

@testable import Timeline

@Suite struct TimelineTests {
  private func timeline(tempo: Double = 120, meter: Meter = .fourFour) -> Timeline {
    Timeline(header: Header(tempo: tempo, meter: meter, producer: "test", source: ""))
  }

  @Test(
    "makes frames evenly long",
    arguments: [
      (120.0, 4, 500_000), (60.0, 1, 250_000), (90.0, -3, -500_000), (70.0, 7, 1_500_000),
    ])
  func framesAreEvenlyLong(tempo: Double, frame: Int, microseconds: Int) {
    #expect(timeline(tempo: tempo).time(of: Frame(frame)) == Microseconds(Int64(microseconds)))
  }

  @Test("does not drift in long pieces")
  func longPiecesDoNotDrift() {
    // A frame of 70 beats a minute lasts 214,285.714… µs.
    #expect(timeline(tempo: 70).time(of: Frame(7_000_000)) == Microseconds(1_500_000_000_000))
  }

  @Test("applies a tempo from its frame on")
  func tempoChangesCountFromTheirFrame() {
    var timeline = timeline(tempo: 120)
    timeline.announce(tempo: 60, from: Frame(8))
    timeline.announce(tempo: 240, from: Frame(12))
    let expected: [Int: Int64] = [
      0: 0, 8: 1_000_000, 9: 1_250_000, 12: 2_000_000, 16: 2_250_000, -4: -500_000,
    ]
    for (frame, microseconds) in expected {
      #expect(timeline.time(of: Frame(frame)) == Microseconds(microseconds), "frame \(frame)")
      #expect(timeline.position(at: Microseconds(microseconds)) == Double(frame))
    }
    #expect(timeline.position(at: Microseconds(2_062_500)) == 13)
    #expect(timeline.time(ofPosition: 8.5) == Microseconds(1_125_000))
    #expect(timeline.tempo(at: Frame(7)) == 120 && timeline.tempo(at: Frame(8)) == 60)
  }

  @Test("anchors time at each tick")
  func ticksAnchorTime() {
    var timeline = timeline()
    timeline.receive(Record(time: Microseconds(1_003_000), event: .tick(Frame(8))))
    #expect(timeline.time(of: Frame(8)) == Microseconds(1_003_000))
    #expect(timeline.time(of: Frame(12)) == Microseconds(1_503_000))
    #expect(timeline.time(of: Frame(4)) == Microseconds(503_000))
    #expect(timeline.position(at: Microseconds(1_065_500)) == 8.5)
  }

  @Test("forgets past tempi and keeps the one in force")
  func aPastTempoIsForgottenAndTheRestGoesOn() {
    var timeline = timeline()
    for frame in stride(from: 0, to: 4000, by: 4) {
      let tempo = frame % 8 == 0 ? 120.0 : 60
      let time = timeline.time(of: Frame(frame))
      timeline.receive(
        Record(time: time, event: .tempo(frame: Frame(frame), beatsPerMinute: tempo)))
      timeline.receive(Record(time: time, event: .tick(Frame(frame))))
    }
    #expect(timeline.time(of: Frame(4000)) == Microseconds(750_000_000))
  }

  @Test(
    "finds the bar and place of a frame",
    arguments: [
      (Meter.fourFour, 0, 0, 0, 16), (.fourFour, 37, 2, 5, 16), (.fourFour, -1, -1, 15, 16),
      (.fourFour, -16, -1, 0, 16), (Meter(6, 8)!, 13, 1, 1, 12), (Meter(5, 4)!, 19, 0, 19, 20),
      (Meter(1, 64)!, 3, 3, 0, 1),
    ])
  func framesStandInBars(meter: Meter, frame: Int, bar: Int, place: Int, length: Int) {
    let position = timeline(meter: meter).barPosition(of: Frame(frame))
    #expect(position == BarPosition(number: bar, place: place, length: length))
  }

  @Test("applies a meter from its frame on")
  func metersChangeAtTheirFrame() {
    var timeline = timeline()
    timeline.announce(meter: Meter(3, 4)!, from: Frame(32))
    timeline.announce(meter: Meter(4, 4)!, from: Frame(56))
    let expected = [(31, 1, 15), (32, 2, 0), (44, 3, 0), (55, 3, 11), (56, 4, 0), (72, 5, 0)]
    for (frame, bar, place) in expected {
      let position = timeline.barPosition(of: Frame(frame))
      #expect(position.number == bar && position.place == place, "frame \(frame)")
    }
    #expect(timeline.meter(at: Frame(40)) == Meter(3, 4))
  }

  @Test("cuts a bar short where the meter changes within it")
  func aChangeWithinABarCutsItShort() {
    var timeline = timeline()
    timeline.announce(meter: Meter(3, 4)!, from: Frame(20))
    #expect(timeline.barPosition(of: Frame(19)).number == 1)
    #expect(timeline.barPosition(of: Frame(20)) == BarPosition(number: 2, place: 0, length: 12))
  }
}
