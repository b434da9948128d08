import Music

/// What is to be made of a MIDI file.
struct TuneOptions: Hashable, Sendable {
  var track: TrackSelector?
  var channel: Channel?
  var voice = Voice.highest
  var start = Start.note
  /// The first bar played; of `BAR:BEAT` the notes before the beat are left out.
  var from: BarBeat?
  /// The last bar played, or the last beat.
  var to: BarBeat?
  /// In beats a minute; nil for the file's.
  var tempo: Double?
  /// Nil for the file's.
  var meter: Meter?
  /// Beats before the first bar line of the file; nil to find out.
  var pickup: Double?
  /// Tempi are multiplied by it.
  var speed = 1.0
  var repeats = Repeats.times(1)
  /// In bars.
  var countIn = 0
}
