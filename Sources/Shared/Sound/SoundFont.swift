import Glibc

/// Finds and checks sound fonts, which have the sounds of General MIDI.
public enum SoundFont {
  /// The paths of Debian's packages. The first is the default that the machine's owner chose.
  public static let usualPlaces = [
    "/usr/share/sounds/sf2/default-GM.sf2",
    "/usr/share/sounds/sf3/default-GM.sf3",
    "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "/usr/share/sounds/sf3/FluidR3Mono_GM.sf3",
    "/usr/share/sounds/sf2/TimGM6mb.sf2",
  ]

  /// The first of `places` that exists.
  public static func find(in places: [String] = usualPlaces) throws(SoundError) -> String {
    guard let place = places.first(where: { access($0, R_OK) == 0 }) else {
      throw SoundError(
        "find a sound font",
        reason: "none of \(places.joined(separator: ", ")) is there;"
          + " install Debian's package timgm6mb-soundfont or fluid-soundfont-gm")
    }
    return place
  }

  /// Throws unless the file begins like a sound font. FluidSynth would try other formats on it,
  /// whose libraries write to standard error.
  static func check(_ path: String) throws(SoundError) {
    let operation = "load the sound font \(path)"
    // Non-blocking: otherwise a FIFO without a writer would block.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw SoundError(operation, reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw SoundError(operation, reason: "expected a regular file")
    }
    var head = [UInt8](repeating: 0, count: 12)
    let count = read(descriptor, &head, head.count)
    guard count == 12, head.starts(with: "RIFF".utf8), head.suffix(4).elementsEqual("sfbk".utf8)
    else {
      throw SoundError(operation, reason: "expected RIFF data of the kind sfbk")
    }
  }
}
