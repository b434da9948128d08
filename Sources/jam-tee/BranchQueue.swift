import Music
import Records

/// A bounded queue of the lines that a branch has not written yet, the oldest first.
///
/// If more lines come than there is room for, the oldest are dropped, and a `stat` record takes
/// their place. Three lines are never dropped: the first, which is the stream's header, its `end`,
/// and the latest `settings`, which stay in force. Only lines that are to be dropped are parsed.
struct BranchQueue {
  /// The bytes of one write.
  struct Batch: Hashable {
    var bytes: [UInt8]
    /// How many lines of the input it holds. A `stat` that the queue made is none of them.
    var lineCount: Int
  }

  /// An entry before `bytes`: a line that is never dropped, or a gap where lines were dropped.
  private enum Kept {
    case line([UInt8])
    case settings([UInt8], time: Microseconds)
    case gap(lineCount: Int, time: Microseconds)
  }

  /// In bytes. The newest line is kept, however long it is.
  let capacity: Int
  /// How many lines were dropped so far.
  private(set) var dropped = 0
  private var kept: [Kept] = []
  private var bytes: [UInt8] = []
  /// Where the oldest line begins in `bytes`.
  private var start = 0
  private var isHeaderOut = false
  private var isEndKept = false

  init(capacity: Int) {
    self.capacity = capacity
  }

  var isEmpty: Bool { kept.isEmpty && start == bytes.count }

  /// How many lines of the input it holds.
  var lineCount: Int {
    let unfinished = start < bytes.count && bytes.last != newline ? 1 : 0
    return bytes[start...].count { $0 == newline } + unfinished
      + kept.count { if case .gap = $0 { false } else { true } }
  }

  /// Adds lines, each with its newline. The last line of the stream may lack it.
  mutating func append(_ lines: [UInt8]) {
    bytes += lines
    while bytes.count - start > capacity, oldest.upperBound < bytes.count { dropOldest() }
    forgetWhatIsOut()
  }

  /// Takes out the next bytes to write: as many whole lines as one write(2) to a pipe never tears,
  /// or one longer line.
  mutating func next() -> Batch? {
    guard kept.isEmpty else { return batch(of: kept.removeFirst()) }
    guard start < bytes.count else { return nil }
    let window = bytes[start..<min(start + Limits.line, bytes.count)]
    let end = window.lastIndex(of: newline).map { $0 + 1 } ?? oldest.upperBound
    let batch = Batch(
      bytes: Array(bytes[start..<end]),
      lineCount: max(1, bytes[start..<end].count { $0 == newline }))
    start = end
    isHeaderOut = true
    forgetWhatIsOut()
    return batch
  }

  private func batch(of kept: Kept) -> Batch {
    switch kept {
    case .line(let line), .settings(let line, _): return Batch(bytes: line, lineCount: 1)
    case .gap(let lineCount, let time):
      let counter = Counter(name: "dropped", value: Double(lineCount))
      let record = Record(time: time, event: .stat([counter]))
      return Batch(bytes: RecordPrinter().line(record), lineCount: 0)
    }
  }

  /// The range of the oldest line in `bytes`. A line that is too long for a record counts in
  /// pieces, so that no more than a piece is searched or kept.
  private var oldest: Range<Int> {
    let limit = min(start + LineCutter.longest, bytes.count)
    let newline = bytes.withUnsafeBytes { bytes in
      UnsafeRawBufferPointer(rebasing: bytes[..<limit]).firstNewline(from: start)
    }
    return start..<(newline.map { $0 + 1 } ?? limit)
  }

  private mutating func dropOldest() {
    let line = oldest
    start = line.upperBound
    let record = try? Record(parsing: bytes.span.bytes.extracting(line))
    if !isHeaderOut || (record?.isEnd ?? false) && !isEndKept {
      isEndKept = isHeaderOut
      isHeaderOut = true
      kept.append(.line(Array(bytes[line])))
      return
    }
    if let record, case .settings = record.event {
      dropSettings()
      kept.append(.settings(Array(bytes[line]), time: record.time))
      return
    }
    dropped += 1
    // A gap has the time of the last line dropped, so that times stay in order. A line that is no
    // record has no time.
    if case .gap(let lineCount, let time) = kept.last {
      kept[kept.count - 1] = .gap(lineCount: lineCount + 1, time: record?.time ?? time)
    } else {
      kept.append(.gap(lineCount: 1, time: record?.time ?? .zero))
    }
  }

  /// Drops the kept settings, which newer ones replace. They join the gaps before and after them.
  private mutating func dropSettings() {
    for (index, entry) in kept.enumerated() {
      guard case .settings(_, let own) = entry else { continue }
      dropped += 1
      var (range, lineCount, time) = (index..<index + 1, 1, own)
      if index > 0, case .gap(let count, _) = kept[index - 1] {
        (range, lineCount) = (index - 1..<range.upperBound, lineCount + count)
      }
      if index + 1 < kept.count, case .gap(let count, let last) = kept[index + 1] {
        (range, lineCount, time) = (range.lowerBound..<index + 2, lineCount + count, last)
      }
      kept.replaceSubrange(range, with: [.gap(lineCount: lineCount, time: time)])
      return
    }
  }

  /// Frees the space of lines that were taken out, seldom enough to cost little.
  private mutating func forgetWhatIsOut() {
    if start == bytes.count {
      bytes.removeAll(keepingCapacity: true)
      start = 0
    } else if start > bytes.count / 2 {
      bytes.removeFirst(start)
      start = 0
    }
  }
}

private let newline = UInt8(ascii: "\n")

extension Record {
  fileprivate var isEnd: Bool {
    if case .end = event { true } else { false }
  }
}
