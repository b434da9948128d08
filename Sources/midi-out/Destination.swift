import ArgumentParser
import CommandSupport
import Glibc
import Sound
import SystemPackage

/// A file to write, of the kind that its extension says.
struct Destination: ExpressibleByArgument, Hashable {
  enum Kind: Hashable {
    case midi
    case audio(SoundFile.Format)
  }

  let path: String
  let kind: Kind

  /// Nil for an extension that says nothing.
  init?(argument: String) {
    path = argument
    switch FilePath(argument).extension?.lowercased() {
    case "mid", "midi": kind = .midi
    case let name?:
      guard let format = SoundFile.Format(rawValue: name) else { return nil }
      kind = .audio(format)
    case nil: return nil
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
