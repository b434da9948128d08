import Music
import Records
import Testing
import Timeline

@testable import plan_view

@Suite struct BarsTests {
  private func bars(_ lines: [String]) throws -> Bars { try scene([header] + lines).state.bars }

  private func meter(_ frame: Int, _ meter: String) -> String {
    #"{"type":"meter","frame":\#(frame),"value":"\#(meter)"}"#
  }

  /// The bars around the first, as `number:from-to`.
  private func texts(_ bars: Bars, in frames: Range<Int>) -> [String] {
    bars.all.filter { frames.contains($0.frames.lowerBound.rawValue) }.map {
      "\($0.number):\($0.frames.lowerBound.rawValue)-\($0.frames.upperBound.rawValue)"
    }
  }

  @Test("counts the first bar from 1 and the bars of a count-in down from 0")
  func countsFromTheHeaderOn() throws {
    let bars = try bars([])
    #expect(texts(bars, in: -32..<32) == ["-1:-32--16", "0:-16-0", "1:0-16", "2:16-32"])
    #expect(bars.current?.number == 1)
    #expect(try self.bars([tick(-3)]).current?.number == 0)
  }

  @Test("cuts a bar short where the meter changes, whether it is announced ahead or late")
  func cutsBarsShort() throws {
    let expected = ["1:0-16", "2:16-24", "3:24-36"]
    #expect(texts(try bars([meter(24, "3/4")]), in: 0..<30) == expected)
    #expect(texts(try bars([tick(20), meter(24, "3/4"), tick(24)]), in: 0..<30) == expected)
    let late = try bars([tick(26), meter(24, "3/4")])
    #expect(texts(late, in: 0..<30) == expected)
    #expect(late.current?.number == 3)
  }

  @Test("keeps the bars of an earlier meter as they were")
  func remembersEarlierMeters() throws {
    let found = try bars([meter(16, "3/4"), tick(16), tick(30), tick(45)])
    #expect(texts(found, in: 0..<45) == ["1:0-16", "2:16-28", "3:28-40", "4:40-52"])
    #expect(found.current?.number == 4)
  }

  @Test("withdraws a change of meter when another one is announced for an earlier frame")
  func withdrawsChanges() throws {
    let found = try bars([meter(32, "3/4"), meter(16, "2/4")])
    #expect(texts(found, in: 0..<40) == ["1:0-16", "2:16-24", "3:24-32", "4:32-40"])
  }

  @Test("knows the same bars as the timeline, without gaps, after any ticks")
  func agreesWithTheTimeline() throws {
    for frames in [[0, 1, 15, 16, 40], [160_000], [100, 3], [-40, 500, 501]] {
      let state = try scene([header, meter(8, "6/8")] + frames.map { tick($0) }).state
      let frame = try #require(state.frame)
      let bars = state.bars.all
      #expect(bars.contains { $0.frames.contains(frame) })
      #expect(bars[0].frames.lowerBound <= frame - Bars.framesBefore)
      #expect(bars[bars.count - 1].frames.upperBound >= frame + Bars.framesAhead)
      for (bar, next) in zip(bars, bars.dropFirst()) {
        #expect(bar.frames.upperBound == next.frames.lowerBound)
        #expect(bar.number + 1 == next.number)
      }
      #expect(
        state.bars.current?.number == state.timeline.map { $0.barPosition(of: frame).number + 1 })
    }
  }
}

/// Beats are those that one taps: 6/8 has two.
@Suite struct BeatTests {
  @Test(
    "finds the frames in which beats begin, as one taps the meter",
    arguments: [
      ("4/4", [0, 4, 8, 12, 16, 20]), ("3/4", [0, 4, 8, 12, 16, 20]), ("2/2", [0, 8, 16]),
      ("6/8", [0, 6, 12, 18]), ("3/8", [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]),
      ("7/8", [0, 6, 10, 14, 20]), ("2+2+3/8", [0, 4, 8, 14, 18]), ("5/4", [0, 4, 8, 12, 16, 20]),
      ("7/16", [0, 3, 5, 7, 10, 12, 14, 17, 19]), ("8/32", Array(0..<21)),
    ])
  func findsBeats(meter: String, frames: [Int]) throws {
    let timeline = try timeline(meter)
    #expect((0..<21).filter { timeline.beginsBeat(in: Frame($0)) } == frames)
  }

  @Test(
    "agrees with the beats of the page's bars",
    arguments: ["4/4", "6/8", "7/8", "5/16", "8/32", "16/64"])
  func agreesWithPage(meter: String) throws {
    let state = try scene([header.replacing("4/4", with: meter), tick(0)]).state
    let (timeline, bar) = (try #require(state.timeline), try #require(state.bars.current))
    let events = PageEvent.all(PageEvents.snapshot(of: Scene(state: state), canSet: false))
    let bars = try #require(events.first { $0.name == "bars" }?.json as? [[String: Any]])
    let told = try #require(
      bars.first { $0["number"] as? Int == bar.number }?["beats"] as? [Int])
    let beats = bar.frames.filter { timeline.beginsBeat(in: $0) }.map(\.rawValue)
    #expect(Set(told).intersection(bar.frames.map(\.rawValue)).sorted() == beats)
  }

  /// The roll of 80 x 24 shows 16 frames: with 6/8, a bar line at frame 12 and a beat at frame 6.
  @Test(
    "draws a line for each beat on the roll",
    arguments: [("4/4", 3), ("3/4", 2), ("6/8", 1), ("7/8", 2), ("2/2", 1)])
  func drawsBeats(meter: String, count: Int) throws {
    let scene = try scene([header.replacing("4/4", with: meter), tick(0)])
    var frame = WaterfallFrame()
    let grid = frame.drawn(scene, at: 0, isASCII: false, columns: 80, rows: 24)
    let sign = RollGlyphs(isASCII: false).beatLine
    let rows = Waterfall.Layout(columns: 80, rows: 24).roll.filter { row in
      (0..<grid.columns).contains { grid[row, $0].scalar == sign }
    }
    #expect(rows.count == count)
  }

  private func timeline(_ meter: String) throws -> Timeline {
    try #require(try scene([header.replacing("4/4", with: meter)]).state.timeline)
  }
}
