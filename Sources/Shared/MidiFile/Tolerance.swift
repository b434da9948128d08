/// Something in a MIDI file that breaks the standard, and that players read all the same.
public struct MidiFileOddity: Hashable, Sendable {
  /// Where it is found first, and what the standard asks for.
  public let error: MidiFileError
  /// What is read instead, as in `only the first is read`; empty if that is plain.
  public let remedy: String
  /// How often it is found.
  public fileprivate(set) var count = 1
}

extension MidiFileOddity: CustomStringConvertible {
  /// `byte 26: expected a tempo above 0, found 0 (2 times)`
  public var description: String {
    "\(error)" + (remedy.isEmpty ? "" : ", \(remedy)") + (count > 1 ? " (\(count) times)" : "")
  }
}

/// Decides about what breaks the standard: whoever is strict refuses it, and others collect it.
struct Tolerance {
  /// So many kinds are enough for a message, however many a broken file has.
  private static let mostKinds = 16

  let isStrict: Bool
  /// One of each kind, in the order in which they were found.
  private(set) var oddities: [MidiFileOddity] = []

  init(isStrict: Bool) { self.isStrict = isStrict }

  /// Throws the error, or collects it. Errors that expect the same are of one kind, so what they
  /// expect names no numbers of the file.
  mutating func accept(
    _ error: MidiFileError, remedy: String = ""
  ) throws(MidiFileError) {
    if isStrict { throw error }
    if let known = oddities.firstIndex(where: { $0.error.expected == error.expected }) {
      oddities[known].count += 1
    } else if oddities.count < Self.mostKinds {
      oddities.append(MidiFileOddity(error: error, remedy: remedy))
    }
  }
}
