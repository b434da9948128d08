import CommandSupport
import Glibc
import Sound
import SystemPackage

/// A file to write; its extension says of which kind it is.
struct Destination: Hashable {
  enum Kind: Hashable {
    case midi
    case audio(SoundFile.Format)
  }

  let path: String
  let kind: Kind

  /// Throws if the extension is of no known kind.
  init(path: String) throws(Failure) {
    self.path = path
    let name = FilePath(path).extension?.lowercased() ?? ""
    if ["mid", "midi"].contains(name) {
      kind = .midi
    } else if let format = SoundFile.Format(rawValue: name) {
      kind = .audio(format)
    } else {
      throw .usage("expected a name that ends in .mid, .midi, .wav, .flac or .ogg")
    }
  }

  var isAudio: Bool { kind != .midi }

  /// Opens the file for writing. An audio file gets its sounds from `soundFont`.
  func open(soundFont: String, isLive: Bool) throws(Failure) -> any Sink {
    switch kind {
    case .midi: try MidiFileSink(path: path, isLive: isLive)
    case .audio(let format):
      try AudioSink(path: path, format: format, soundFont: soundFont, isLive: isLive)
    }
  }

  /// The path of the sound font to use: the one that is named, or else one that the system has.
  static func soundFont(named path: String?) throws(Failure) -> String {
    if let path {
      guard access(path, R_OK) == 0 else { throw .missingFile(path, Errno(rawValue: errno)) }
      return path
    }
    do {
      return try SoundFont.find()
    } catch {
      throw Failure("\(error), or name one with --soundfont", status: .missingFile)
    }
  }
}
