import Music
import Records
import Testing

@testable import plan_view

/// A frame lasts 125 ms: 120 beats a minute.
@Suite struct StreamPositionTests {
  private func state(epoch: Int64?, frames: ClosedRange<Int>, more: String? = nil) throws
    -> SessionState
  {
    var state = SessionState()
    let epoch = epoch.map { #","epoch_us":\#($0)"# } ?? ""
    for record in try records(header.dropLast() + epoch + "}") { state.receive(record) }
    for frame in frames {
      state.receive(Record(time: Microseconds(Int64(frame) * 125_000), event: .tick(Frame(frame))))
    }
    for record in try more.map(records) ?? [] { state.receive(record) }
    return state
  }

  @Test("moves between ticks by the clock of the stream")
  func movesBetweenTicksByTheStreamsClock() throws {
    var clock = StreamPosition()
    let state = try state(epoch: 1_000_000, frames: 0...2)
    #expect(clock.position(state, at: Microseconds(1_250_000), offset: 0) == 2)
    #expect(clock.position(state, at: Microseconds(1_312_500), offset: 0) == 2.5)
    #expect(clock.isMoving)
  }

  @Test("waits for a tick that is late")
  func waitsForTheNextTick() throws {
    var clock = StreamPosition()
    let state = try state(epoch: 1_000_000, frames: 0...2)
    _ = clock.position(state, at: Microseconds(1_250_000), offset: 0)
    #expect(clock.position(state, at: Microseconds(1_900_000), offset: 0) == 3)
    #expect(!clock.isMoving)
  }

  @Test(
    "stands still while the music pauses and after its end",
    arguments: [
      #"{"type":"set","name":"playing","value":false}"#, #"{"type":"end","reason":"quit"}"#,
    ])
  func standsStillWithTheMusic(line: String) throws {
    var clock = StreamPosition()
    let state = try state(epoch: 1_000_000, frames: 0...2, more: line)
    #expect(clock.position(state, at: Microseconds(1_312_500), offset: 0) == 2)
    #expect(!clock.isMoving)
  }

  /// A header of another machine, or one without an epoch.
  @Test(
    "goes by the arrival of ticks where the header has no usable epoch",
    arguments: [nil, 999_000_000_000] as [Int64?])
  func reckonsFromWhenTicksCome(epoch: Int64?) throws {
    var clock = StreamPosition()
    let first = try state(epoch: epoch, frames: 0...2)
    #expect(clock.position(first, at: Microseconds(7_000_000), offset: 0) == 2)
    #expect(clock.position(first, at: Microseconds(7_062_500), offset: 0) == 2.5)
    // The next tick comes sooner, so the position waits for it.
    let second = try state(epoch: epoch, frames: 0...3)
    #expect(clock.position(second, at: Microseconds(7_100_000), offset: 0) == 3)
    // The clock follows it slowly; a tick that comes late is shown as if it had been in time.
    let third = try state(epoch: epoch, frames: 0...4)
    let position = clock.position(third, at: Microseconds(7_250_000), offset: 0)
    #expect((4.01...4.05).contains(position ?? 0))
  }

  @Test("shows the stream later by the offset", arguments: [(125, 1.0), (-250, 4.0)])
  func showsItLater(offset: Int, position: Double) throws {
    var clock = StreamPosition()
    let state = try state(epoch: 1_000_000, frames: 0...2)
    #expect(clock.position(state, at: Microseconds(1_250_000), offset: offset) == position)
  }

  @Test("has no position before the first tick")
  func isNowhereBeforeTheFirstTick() throws {
    var clock = StreamPosition()
    #expect(clock.position(SessionState(), at: .zero, offset: 0) == nil)
  }
}
