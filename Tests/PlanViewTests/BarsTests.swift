import Music
import Records
import Testing

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
