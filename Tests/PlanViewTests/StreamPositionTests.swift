import Music
import Records
import Testing

@testable import plan_view

/// A frame lasts 125 ms: 120 beats a minute.
@Suite struct StreamPositionTests {
  private func state(epoch: Int64?, frames: ClosedRange<Int>, more: String? = nil) throws
    -> ViewState
  {
    var state = ViewState()
    let epoch = epoch.map { #","epoch_us":\#($0)"# } ?? ""
    for record in try records(header.dropLast() + epoch + "}") { state.receive(record) }
    for frame in frames {
      state.receive(Record(time: Microseconds(Int64(frame) * 125_000), event: .tick(Frame(frame))))
    }
    for record in try more.map(records) ?? [] { state.receive(record) }
    return state
  }

  @Test func movesBetweenTicksByTheStreamsClock() throws {
    var clock = StreamPosition()
    let state = try state(epoch: 1_000_000, frames: 0...2)
    #expect(clock.position(state, at: Microseconds(1_250_000), offset: 0) == 2)
    #expect(clock.position(state, at: Microseconds(1_312_500), offset: 0) == 2.5)
    #expect(clock.isMoving)
  }

  /// A stream that stands still takes nothing along.
  @Test func waitsForTheNextTick() throws {
    var clock = StreamPosition()
    let state = try state(epoch: 1_000_000, frames: 0...2)
    _ = clock.position(state, at: Microseconds(1_250_000), offset: 0)
    #expect(clock.position(state, at: Microseconds(1_900_000), offset: 0) == 3)
    #expect(!clock.isMoving)
  }

  @Test(arguments: [
    #"{"type":"set","name":"playing","value":false}"#, #"{"type":"end","reason":"quit"}"#,
  ])
  func standsStillWithTheMusic(line: String) throws {
    var clock = StreamPosition()
    let state = try state(epoch: 1_000_000, frames: 0...2, more: line)
    #expect(clock.position(state, at: Microseconds(1_312_500), offset: 0) == 2)
    #expect(!clock.isMoving)
  }

  /// A header of another machine, or none that says when.
  @Test(arguments: [nil, 999_000_000_000] as [Int64?])
  func reckonsFromWhenTicksCome(epoch: Int64?) throws {
    var clock = StreamPosition()
    let first = try state(epoch: epoch, frames: 0...2)
    #expect(clock.position(first, at: Microseconds(7_000_000), offset: 0) == 2)
    #expect(clock.position(first, at: Microseconds(7_062_500), offset: 0) == 2.5)
    // The next one comes sooner, ...
    let second = try state(epoch: epoch, frames: 0...3)
    #expect(clock.position(second, at: Microseconds(7_100_000), offset: 0) == 3)
    // ... and is believed by and by; one that comes late is shown as if it had been in time.
    let third = try state(epoch: epoch, frames: 0...4)
    let position = clock.position(third, at: Microseconds(7_250_000), offset: 0)
    #expect((4.01...4.05).contains(position ?? 0))
  }

  @Test(arguments: [(125, 1.0), (-250, 4.0)])
  func showsItLater(offset: Int, position: Double) throws {
    var clock = StreamPosition()
    let state = try state(epoch: 1_000_000, frames: 0...2)
    #expect(clock.position(state, at: Microseconds(1_250_000), offset: offset) == position)
  }

  @Test func isNowhereBeforeTheFirstTick() throws {
    var clock = StreamPosition()
    #expect(clock.position(ViewState(), at: .zero, offset: 0) == nil)
  }
}
