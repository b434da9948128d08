// Measures a step of the network: one frame read by a whole batch. Prints a line of JSON for each
// measurement, with times in microseconds.

import ArgumentParser
import Chords
import Glibc
import Music
import Transformer

struct NetworkBenchmark: ParsableCommand {
  @Option(help: "The model's path.")
  var model = "Models/accompanist.safetensors"

  @Option(help: "The implementation of the arithmetic.")
  var backend = Backend.fastest.name

  @Option(parsing: .upToNextOption, help: "How many rows step together.")
  var batch = [1, 4, 16, 64]

  @Option(parsing: .upToNextOption, help: "How many frames were read before.")
  var history = [0, 256, 512]

  @Option(help: "How many steps are measured.")
  var steps = 200

  func run() throws {
    guard let backend = Backend(named: backend) else {
      throw ValidationError("this processor has no backend \(self.backend)")
    }
    let model = try Model(path: model, backend: backend)
    for batch in batch {
      for history in history { measureSteps(model, batch: batch, history: history) }
      if batch > 1 { measureResampling(model, batch: batch) }
    }
    measureReading(bytes: Self.bytesOfWeights(model.configuration))
  }

  private func measureSteps(_ model: Model, batch: Int, history: Int) {
    let network = Network(model, capacity: batch)
    let rows = (0..<batch).map(Network.Row.init)
    for frame in 0..<history { network.forward(Self.inputs(batch, frame), rows: rows) }
    let times = (0..<steps).map { step in
      let inputs = Self.inputs(batch, history + step)
      return Self.microseconds { network.forward(inputs, rows: rows) }
    }
    report("step", backend, batch: batch, history: history, times)
  }

  /// All rows become copies of one, as after resampling; and the step after that, in which their
  /// blocks are copied.
  private func measureResampling(_ model: Model, batch: Int) {
    let network = Network(model, capacity: batch)
    let rows = (0..<batch).map(Network.Row.init)
    for frame in 0..<512 { network.forward(Self.inputs(batch, frame), rows: rows) }
    var (copying, parting): ([Double], [Double]) = ([], [])
    for step in 0..<steps {
      copying.append(
        Self.microseconds { for row in rows.dropFirst() { network.fork(from: rows[0], to: row) } })
      let inputs = Self.inputs(batch, 512 + step)
      parting.append(Self.microseconds { network.forward(inputs, rows: rows) })
    }
    report("resampling", backend, batch: batch, history: 512, copying)
    report("step after resampling", backend, batch: batch, history: 512, parting)
  }

  /// The bound: the C library searches as many bytes as the matrices have, as fast as memory gives
  /// them.
  private func measureReading(bytes: Int) {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    let times = (0..<steps).map { _ in
      Self.microseconds { precondition(memchr(memory, 1, bytes) == nil) }
    }
    report("reading \(bytes) bytes", "memchr", batch: 1, history: 0, times)
  }

  private func report(
    _ what: String, _ backend: String, batch: Int, history: Int, _ times: [Double]
  ) {
    let ordered = times.sorted()
    let (median, p99) = (ordered[ordered.count / 2], ordered[ordered.count * 99 / 100])
    print(
      #"{"what":"\#(what)","backend":"\#(backend)","batch":\#(batch),"history":\#(history),"#
        + #""median":\#(median),"p99":\#(p99)}"#)
  }

  /// Inputs that differ from frame to frame, so that no state is known from before.
  private static func inputs(_ batch: Int, _ frame: Int) -> [FrameInput] {
    (0..<batch).map { row in
      let pitch = Pitch(48 + (frame * 7 + row * 5) % 36)!
      let before = FrameInput.Events(
        melody: .onset(pitch), state: .sounding(pitch),
        chord: ChordEvent(
          chord: ChordTokens(root: (frame / 8 + row) % 12, quality: row % 4),
          isOnset: frame % 8 == 0))
      let place = MetricalPlace(
        place: frame % 16, length: 16, bar: frame / 16, meter: .fourFour)
      return FrameInput(before: before, place: place)
    }
  }

  private static func bytesOfWeights(_ c: Configuration) -> Int {
    let attention = 2 * c.width * c.width + 2 * c.width * c.keyValueWidth
    return c.layers * (attention + 3 * c.width * c.feedForward)
  }

  private static func microseconds(_ body: () -> Void) -> Double {
    var (start, end) = (timespec(), timespec())
    clock_gettime(CLOCK_MONOTONIC, &start)
    body()
    clock_gettime(CLOCK_MONOTONIC, &end)
    return Double(end.tv_sec - start.tv_sec) * 1e6 + Double(end.tv_nsec - start.tv_nsec) / 1e3
  }
}

NetworkBenchmark.main()
