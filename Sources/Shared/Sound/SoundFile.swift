import CSound
import Glibc

/// An audio file that is being written, with 44.1 kHz in stereo. The same samples give the same
/// bytes.
public struct SoundFile: ~Copyable {
  public enum Format: String, Hashable, CaseIterable, Sendable {
    /// 16 bits a sample.
    case wav
    /// 16 bits a sample, compressed without loss.
    case flac
    /// Vorbis in Ogg, quality 6 of 10.
    case ogg
  }

  /// Its name in messages.
  public let name: String
  public let format: Format
  private let library: jamline_sndfile
  private let descriptor: CInt
  /// Nil before the file is begun and after it is complete.
  private var handle: OpaquePointer?
  /// How many samples for each channel were written so far.
  public private(set) var length = 0

  /// Begins an audio file in an empty file that is open for reading and writing. It duplicates the
  /// descriptor, so the caller may close it and rename the file.
  public static func open(
    _ descriptor: CInt, name: String, _ format: Format
  ) throws(SoundError) -> SoundFile {
    // The headers of the others are completed at the end.
    guard format == .flac || lseek(descriptor, 0, SEEK_CUR) >= 0 else {
      throw SoundError(
        "write \(name)", reason: "a .\(format) file cannot be written into a pipe; .flac can")
    }
    let library = try loadLibrary()
    let own = try duplicate(of: descriptor, name: name)
    var file = SoundFile(library, own, name: name, format: format)
    try file.begin()
    return file
  }

  private static func loadLibrary() throws(SoundError) -> jamline_sndfile {
    let functions = UnsafeMutablePointer<jamline_sndfile>.allocate(capacity: 1)
    defer { functions.deallocate() }
    if let reason = jamline_sndfile_load(functions) {
      throw SoundError("load libsndfile", reason: reason, isInPackage: "libsndfile1")
    }
    return functions.pointee
  }

  private static func duplicate(of descriptor: CInt, name: String) throws(SoundError) -> CInt {
    let duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard duplicate >= 0 else {
      throw SoundError("write \(name)", reason: String(cString: strerror(errno)))
    }
    return duplicate
  }

  private mutating func begin() throws(SoundError) {
    var information = SF_INFO()
    information.samplerate = Int32(Synthesiser.sampleRate)
    information.channels = 2
    information.format = Int32(format.code)
    // The library gets a descriptor of its own to close. Versions 1.0.30 to 1.2.0 close it after a
    // failure even if they are told not to (issue 949 of libsndfile).
    let theirs = try Self.duplicate(of: descriptor, name: name)
    errno = 0
    handle = library.sf_open_fd(theirs, Int32(SFM_WRITE), &information, Int32(SF_TRUE))
    guard handle != nil else { throw failure() }
    // Samples that are too loud are clipped instead of wrapping round.
    _ = library.sf_command(handle, Int32(SFC_SET_CLIPPING), nil, Int32(SF_TRUE))
    var quality = 0.6
    if format == .ogg {
      _ = library.sf_command(
        handle, Int32(SFC_SET_VBR_ENCODING_QUALITY), &quality,
        Int32(MemoryLayout<Double>.size))
    }
  }

  private init(_ library: jamline_sndfile, _ descriptor: CInt, name: String, format: Format) {
    self.library = library
    self.descriptor = descriptor
    self.name = name
    self.format = format
  }

  deinit {
    if let handle { _ = library.sf_close(handle) }
    let result = close(descriptor)
    // Closing a descriptor twice may close another one that has just been opened with its number.
    assert(result == 0 || errno != EBADF, "\(name) was closed already")
  }

  /// Writes samples, left and right in turn; full scale is -1 to 1.
  public mutating func write(_ samples: [Float]) throws(SoundError) {
    var rest = samples[...]
    while !rest.isEmpty {
      // The Vorbis encoder keeps each block on its stack.
      let block = rest.prefix(8192)
      errno = 0
      let count = block.withUnsafeBufferPointer {
        library.sf_write_float(handle, $0.baseAddress, sf_count_t($0.count))
      }
      guard count == block.count else { throw failure() }
      length += block.count / 2
      rest = rest.dropFirst(block.count)
    }
  }

  /// Updates the header, so that the file can be played up to here.
  public mutating func updateHeader() throws(SoundError) {
    // The other formats have no length in the header.
    guard format == .wav else { return }
    _ = library.sf_command(handle, Int32(SFC_UPDATE_HEADER_NOW), nil, 0)
    guard library.sf_error(handle) == SF_ERR_NO_ERROR else { throw failure() }
  }

  /// Completes the file.
  public consuming func finish() throws(SoundError) {
    errno = 0
    let closed = library.sf_close(handle)
    handle = nil
    guard closed == SF_ERR_NO_ERROR else {
      throw SoundError("write \(name)", reason: reason(nil))
    }
    if format == .ogg { try OggStream.setSerialNumber(descriptor, name: name) }
  }

  private func failure() -> SoundError {
    SoundError("write \(name)", reason: reason(handle))
  }

  /// The system's error for the last failure, which encoders hide, or otherwise the library's.
  private func reason(_ handle: OpaquePointer?) -> String {
    if errno != 0 { return String(cString: strerror(errno)) }
    let text = library.sf_strerror(handle).map { String(cString: $0) } ?? "no reason given"
    let prefix = "System error : "
    let reason = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
    return reason.hasSuffix(".") ? String(reason.dropLast()) : reason
  }
}

extension SoundFile.Format {
  fileprivate var code: Int {
    switch self {
    case .wav: Int(SF_FORMAT_WAV) | Int(SF_FORMAT_PCM_16)
    case .flac: Int(SF_FORMAT_FLAC) | Int(SF_FORMAT_PCM_16)
    case .ogg: Int(SF_FORMAT_OGG) | Int(SF_FORMAT_VORBIS)
    }
  }
}
