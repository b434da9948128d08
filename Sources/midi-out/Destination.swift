import CommandSupport
import Glibc
import Sound
import SystemPackage

/// A file to write, of the kind that its extension says.
struct Destination: Hashable {
  enum Kind: Hashable {
    case midi
    case audio(SoundFile.Format)
  }

  let path: String
  let kind: Kind

  /// Throws for an extension that says nothing.
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

  /// Opens it for writing. An audio file takes its sounds from `soundFont`.
  func open(soundFont: String, isLive: Bool) throws(Failure) -> any Sink {
    switch kind {
    case .midi: try MidiFileSink(path: path, isLive: isLive)
    case .audio(let format):
      try AudioSink(path: path, format: format, soundFont: soundFont, isLive: isLive)
    }
  }

  /// The sound font to use: the one that is named, else one that the system has.
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
