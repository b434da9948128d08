import Music

/// The options that say how a MIDI file is played, and which bars of it.
struct TuneOptions: Hashable, Sendable {
  var voice = Voice.highest
  var start = Start.note
  /// The first bar or beat that is played.
  var from: BarBeat?
  /// The last bar or beat that is played.
  var to: BarBeat?
  /// The tempo to play at, in beats a minute; nil for the file's tempi.
  var tempo: Double?
  /// The meter to play in; nil for the file's meters.
  var meter: Meter?
  /// Beats before the first bar line of the file; nil to find out from the file.
  var pickup: Double?
  /// The factor by which all tempi are multiplied.
  var speed = 1.0
  var repeats = Repeats.times(1)
  /// The length of the count-in, in bars.
  var countIn = 0
}
