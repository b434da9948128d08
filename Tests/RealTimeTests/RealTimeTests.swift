import Glibc
import Music
import SystemPackage
import Testing

@testable import RealTime

@Suite struct MonotonicClockTests {
  /// The two ends of a pipe, as descriptors.
  struct Pipe: ~Copyable {
    let reading: CInt
    let writing: CInt

    init() {
      var ends: [CInt] = [0, 0]
      #expect(pipe(&ends) == 0)
      (reading, writing) = (ends[0], ends[1])
    }

    func fill() { _ = write(writing, "x", 1) }

    deinit {
      close(reading)
      close(writing)
    }
  }

  static let soon = Microseconds(2000)
  /// Later than any test may take, so that a wait that does not end at once is noticed.
  static let never = Microseconds(3_600_000_000)

  @Test("waits until the deadline and not less")
  func waitsForTheDeadlineAndNoLess() throws {
    let deadline = MonotonicClock.now + Self.soon
    let wakeup = try #require(MonotonicClock.wait(until: deadline))
    #expect(wakeup.time >= deadline)
    #expect(!wakeup.isReadable)
  }

  @Test("returns at once for a past deadline")
  func aPastDeadlineIsDueAtOnce() throws {
    let wakeup = try #require(MonotonicClock.wait(until: .zero))
    #expect(!wakeup.isReadable)
  }

  @Test("ends the wait when input can be read")
  func inputEndsTheWait() throws {
    let pipe = Pipe()
    pipe.fill()
    let deadline = MonotonicClock.now + Self.never
    let wakeup = try #require(MonotonicClock.wait(until: deadline, input: pipe.reading))
    #expect(wakeup.isReadable)
    #expect(try #require(MonotonicClock.wait(until: nil, input: pipe.reading)).isReadable)
  }

  @Test("reports input even if the deadline has passed")
  func inputIsSeenAlsoWhenTheDeadlineHasPassed() throws {
    let pipe = Pipe()
    pipe.fill()
    #expect(try #require(MonotonicClock.wait(until: .zero, input: pipe.reading)).isReadable)
  }

  @Test("ends the wait with nothing when the stop signal is raised")
  func theStopSignalEndsTheWait() {
    let stop = Pipe()
    let input = Pipe()
    stop.fill()
    input.fill()
    #expect(MonotonicClock.wait(until: .zero, stop: stop.reading, input: input.reading) == nil)
  }

  @Test("ends the wait with nothing when the reader goes away")
  func aReaderThatWentAwayEndsTheWait() {
    var ends: [CInt] = [0, 0]
    #expect(pipe(&ends) == 0)
    close(ends[0])
    defer { close(ends[1]) }
    #expect(MonotonicClock.wait(until: MonotonicClock.now + Self.never, output: ends[1]) == nil)
  }

  @Test("waits on while the reader is slow")
  func aReaderThatIsSlowDoesNot() throws {
    let pipe = Pipe()
    pipe.fill()
    #expect(MonotonicClock.wait(until: MonotonicClock.now + Self.soon, output: pipe.writing) != nil)
  }
}

@Suite struct WaitingTests {
  @Test("says which of two descriptors is ready")
  func twoDescriptors() throws {
    let empty = MonotonicClockTests.Pipe()
    let full = MonotonicClockTests.Pipe()
    full.fill()
    let reading = [empty.reading, full.reading].map {
      Watch.reading(FileDescriptor(rawValue: $0))
    }
    let ready = try MonotonicClock.wait(for: reading[0], or: reading[1], .forever)
    #expect(!ready.first && ready.second)
    let neither = try MonotonicClock.wait(for: reading[0], or: nil, .zero)
    #expect(!neither.first && !neither.second)
    let room = Watch.writing(FileDescriptor(rawValue: empty.writing))
    #expect(try MonotonicClock.wait(for: reading[0], or: room, .forever).second)
  }

  @Test("ends at the deadline where no descriptor is ready")
  func deadline() throws {
    let pipe = MonotonicClockTests.Pipe()
    let deadline = MonotonicClock.now + MonotonicClockTests.soon
    let reading = Watch.reading(FileDescriptor(rawValue: pipe.reading))
    let ready = try MonotonicClock.wait(for: reading, or: nil, .until(deadline))
    #expect(!ready.first)
    #expect(MonotonicClock.now >= deadline)
  }
}

@Suite struct EpochTests {
  @Test(
    "writes the time of day as RFC 3339 has it",
    arguments: [
      (0, "1970-01-01T00:00:00.000000Z"),
      (951_782_400_000_001, "2000-02-29T00:00:00.000001Z"),
      (1_740_830_399_987_654, "2025-03-01T11:59:59.987654Z"),
    ]) func tellsTheTimeOfDay(sinceUnixEpoch: Int64, wall: String)
  {
    let epoch = Epoch(monotonic: .zero, sinceUnixEpoch: Microseconds(sinceUnixEpoch))
    #expect(epoch.wall == wall)
  }

  @Test("converts between stream time and clock time")
  func convertsBetweenStreamAndClock() {
    let epoch = Epoch(monotonic: Microseconds(5000), sinceUnixEpoch: .zero)
    #expect(epoch.clockTime(of: Microseconds(250)) == Microseconds(5250))
    #expect(epoch.streamTime(at: Microseconds(5250)) == Microseconds(250))
  }

  @Test("begins an epoch at the present time")
  func nowIsNow() {
    let before = MonotonicClock.now
    let epoch = Epoch.now()
    #expect(before <= epoch.monotonic && epoch.monotonic <= MonotonicClock.now)
  }
}
