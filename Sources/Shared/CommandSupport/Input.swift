import Glibc
import Music
import RealTime
import Records
import SystemPackage

/// Reads the records of a file or of standard input, as they come.
///
/// ```swift
/// var input = try Input.open(path, stop: stop)
/// while case .line(let line) = try input.next() { … }
/// ```
public struct Input: ~Copyable {
  /// What comes next from an input.
  public enum Step: Hashable, Sendable {
    case line(Line)
    /// The input has ended.
    case end
    /// The stop signal was raised.
    case stopped
    /// The deadline has passed.
    case deadline
  }

  private let file: InputFile
  private var stop: StopSignal?
  /// Whether a stop signal was outlived.
  private var hasOutlivedStop = false
  private var reader: RecordReader
  private var block = [UInt8](repeating: 0, count: 65_536)
  private var isAtEnd = false

  /// Opens a file; "-" is standard input.
  public static func open(
    _ path: String = "-", stop: StopSignal? = nil, rules: StreamRules? = StreamRules()
  ) throws(Failure) -> Input {
    let input = Input(try .open(path), stop: stop, rules: rules)
    // open(2) accepts a directory and read(2) does not: report that before anything is played.
    if path != "-", input.mode == S_IFDIR { throw .missingFile(path, .isDirectory) }
    return input
  }

  /// Reads from a descriptor, and closes it at the end if it is owned.
  public init(
    _ descriptor: FileDescriptor, name: String, isOwned: Bool, stop: StopSignal? = nil,
    rules: StreamRules? = StreamRules()
  ) {
    self.init(
      InputFile(descriptor, name: name, isOwned: isOwned), stop: stop, rules: rules)
  }

  private init(_ file: consuming InputFile, stop: StopSignal?, rules: StreamRules?) {
    self.file = file
    self.stop = stop
    reader = RecordReader(rules: rules)
  }

  /// Its name in messages: the path, or `<stdin>`.
  public var name: String { file.name }

  /// Readable when more bytes have come: for waits on more than this input. Take all that
  /// `nextWaiting()` gives before such a wait, because lines may have been read already.
  public var fileDescriptor: FileDescriptor { file.descriptor }

  /// Whether another program writes it.
  public var isPipe: Bool { mode == S_IFIFO }

  /// What kind of file it is, as stat(2) has it; 0 if that is unknown.
  private var mode: mode_t {
    var status = stat()
    return fstat(fileDescriptor.rawValue, &status) == 0 ? status.st_mode & S_IFMT : 0
  }

  /// The stream's header, once it was read.
  public var header: Header? { reader.header }

  /// From now on ignores the stop signal, to read how the writer ends the stream.
  public mutating func outliveStop() { (stop, hasOutlivedStop) = (nil, true) }

  /// Says with `remarkBreakOff` if the input has ended within a stream. After a stop signal, which
  /// may have stopped the writer in the middle, it says nothing. Nor does it if nothing was read.
  public func remarkBreakOff(_ tool: String) {
    guard isAtEnd, !reader.hasEnd, reader.lineCount > 0, !hasOutlivedStop else { return }
    if let stop, stop.isRaised { return }
    CommandSupport.remarkBreakOff(tool, input: name, line: reader.lineCount)
  }

  /// Waits for the next line. Once the stop signal is raised it gives no more lines, not even those
  /// that were read already.
  public mutating func next() throws(Failure) -> Step {
    // Without a deadline a step always comes.
    try step(.forever) ?? .stopped
  }

  /// Waits for the next line until a time of CLOCK_MONOTONIC.
  public mutating func next(until deadline: Microseconds) throws(Failure) -> Step {
    try step(.until(deadline)) ?? .deadline
  }

  /// The next step; nil if it has not come yet.
  public mutating func nextWaiting() throws(Failure) -> Step? {
    try step(.zero)
  }

  private mutating func step(_ timeout: Timeout) throws(Failure) -> Step? {
    while true {
      if let stop, stop.isRaised { return .stopped }
      do throws(RecordError) {
        if let line = try reader.next() { return .line(line) }
      } catch {
        throw .badData(name, error)
      }
      if isAtEnd { return .end }
      guard try fill(timeout) else { return nil }
    }
  }

  /// Waits for a block and reads it. Returns false if none came in time.
  private mutating func fill(_ timeout: Timeout) throws(Failure) -> Bool {
    do {
      let ready = try MonotonicClock.wait(
        for: .reading(fileDescriptor), or: stop.map { .reading($0.fileDescriptor) }, timeout)
      guard ready.first else { return ready.second }
      let descriptor = fileDescriptor
      let count = try block.withUnsafeMutableBytes { try descriptor.read(into: $0) }
      if count == 0 {
        isAtEnd = true
        reader.finish()
      } else {
        block.withUnsafeBytes { reader.feed(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      }
      return true
    } catch Errno.resourceTemporarilyUnavailable {
      // The input is non-blocking, and another reader was faster.
      return true
    } catch {
      throw .io("read \(name)", error as? Errno ?? .ioError)
    }
  }
}
