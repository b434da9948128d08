import Dispatch
import Foundation
import Music
import Records
import Synchronization
import Testing

@testable import plan_view

@Suite struct EventQueueTests {
  @Test("gives a newcomer a snapshot, then the events after it")
  func startsWithASnapshot() {
    var queue = EventQueue()
    queue.add([1])
    #expect(queue.take() == .snapshot)
    #expect(queue.take() == nil)
    queue.add([2])
    queue.add([3])
    #expect(queue.take() == .events([2, 3]))
    #expect(queue.take() == nil)
  }

  @Test("gives a browser that lags too far a snapshot again")
  func restartsBeyondItsLimit() {
    var queue = EventQueue()
    _ = queue.take()
    let block = [UInt8](repeating: 0, count: EventQueue.limit / 2)
    for _ in 0..<2 { queue.add(block) }
    #expect(queue.take() == .events(block + block))
    for _ in 0..<9 { queue.add(block) }
    #expect(queue.take() == .snapshot)
    #expect(queue.take() == nil)
  }
}

@Suite struct AudienceTests {
  /// Plays ticks to an audience.
  private struct Player: ~Copyable {
    let audience: Audience
    var scene = Scene()

    init(_ audience: Audience) throws {
      self.audience = audience
      for record in try records(header) { play(record) }
    }

    mutating func play(_ record: Record) {
      scene.receive(record)
      audience.receive(record, scene.state)
    }

    mutating func tick(_ frame: Int) {
      play(Record(time: Microseconds(Int64(frame) * 125_000), event: .tick(Frame(frame))))
    }
  }

  /// The frames that a browser is told, and -1 for each snapshot.
  private static func frames(_ events: [UInt8]) -> [Int] {
    String(decoding: events, as: UTF8.self).components(separatedBy: "\n\n").compactMap { event in
      if event.hasPrefix("event: start") { return -1 }
      let parts = event.components(separatedBy: #"event: now\#ndata: {"frame":"#)
      return parts.count == 2 ? parts[1].firstIndex(of: ",").flatMap { Int(parts[1][..<$0]) } : nil
    }
  }

  @Test("wakes a browser that sleeps, once, for the events after its snapshot")
  func wakesASleeper() throws {
    let audience = Audience(canSet: false, options: ViewOptions())
    var player = try Player(audience)
    let wakes = Mutex(0)
    let browser = audience.join { wakes.withLock { $0 += 1 } }
    player.tick(0)
    #expect(audience.take(browser).map(Self.frames) == [-1, 0])
    #expect(audience.take(browser) == nil)
    player.tick(1)
    player.tick(2)
    #expect(wakes.withLock { $0 } == 1)
    #expect(audience.take(browser).map(Self.frames) == [1, 2])
    #expect(audience.take(browser) == nil)
    audience.leave(browser)
    #expect(audience.take(browser) == nil)
  }

  @Test("does not wake a browser for a record that changes nothing on the page")
  func letsSleep() throws {
    let audience = Audience(canSet: false, options: ViewOptions())
    var player = try Player(audience)
    let wakes = Mutex(0)
    let browser = audience.join { wakes.withLock { $0 += 1 } }
    while audience.take(browser) != nil {}
    for record in try records(#"{"type":"marker","text":"verse"}"#) { player.play(record) }
    #expect(wakes.withLock { $0 } == 0)
  }

  @Test(
    "finishes once the last browser has taken its events or has left", arguments: [true, false])
  func finishes(leaves: Bool) throws {
    let audience = Audience(canSet: false, options: ViewOptions())
    var player = try Player(audience)
    let browser = audience.join {}
    player.tick(0)
    DispatchQueue.global().async {
      if leaves { return audience.leave(browser) }
      while audience.take(browser) != nil {}
    }
    audience.finish(by: .distantFuture)
    #expect(audience.take(browser) == nil)
  }

  /// Browsers join and take on other threads while ticks come: each sees every frame from its last
  /// snapshot on, in order, and none twice.
  @Test("loses no event and tells none twice between a snapshot and the queue")
  func keepsTheOrder() async throws {
    let (last, count) = (3000, 4)
    let audience = Audience(canSet: false, options: ViewOptions())
    var player = try Player(audience)
    try await withThrowingTaskGroup(of: [Int].self) { group in
      for _ in 0..<count {
        group.addTask {
          var seen: [Int] = []
          let browser = audience.join {}
          while seen.last != last {
            seen += audience.take(browser).map(Self.frames) ?? []
            await Task.yield()
          }
          audience.leave(browser)
          return seen
        }
      }
      for frame in 0...last {
        player.tick(frame)
        if frame.isMultiple(of: 16) { await Task.yield() }
      }
      for try await seen in group {
        for part in seen.split(separator: -1) {
          #expect(Array(part) == Array(part[part.startIndex]...part[part.endIndex - 1]))
        }
        #expect(seen.first == -1)
      }
    }
  }
}
