import CKernels
import JSONText

/// The sizes of a network, as its model file gives them.
///
/// Shape letters, here and in the network: B batch, D width, L layers, H query heads, G key/value
/// heads, K head size, F feed-forward width, Q chord qualities.
public struct Configuration: Hashable, Sendable {
  /// D: the width of a state.
  public var width: Int
  /// L: the number of layers.
  public var layers: Int
  /// H: the number of query heads.
  public var heads: Int
  /// G: the number of key/value heads, which query heads share in equal groups.
  public var keyValueHeads: Int
  /// F: the width of the feed-forward layers.
  public var feedForward: Int
  public var rotaryBase: Double
  public var normEpsilon: Double
  /// How many places in a bar, in frames, have embeddings of their own.
  public var longestBar: Int
  public var barsPerPhrase: Int
  /// The names of the chord qualities, in the order of their indices.
  public var qualities: [String]

  /// K: the size of a head.
  public var headSize: Int { width / heads }
  /// The width of all keys, or all values, of a position: G · K.
  public var keyValueWidth: Int { keyValueHeads * headSize }

  /// Reads the configuration from a model file's metadata. Throws if a value is missing or out of
  /// range.
  init(json: String) throws(ConfigurationError) {
    guard let read = (try? JSON(parsing: json)).flatMap(Configuration.init) else {
      let found = json.isEmpty ? "none" : "\"\(json.prefix(80))\""
      throw ConfigurationError(message: "expected a configuration in the metadata, found \(found)")
    }
    self = read
    try check()
  }

  /// Nil if a value is missing or of another type.
  private init?(_ json: JSON) {
    guard let width = json["width"]?.integer, let layers = json["layers"]?.integer,
      let heads = json["heads"]?.integer, let keyValueHeads = json["key_value_heads"]?.integer,
      let feedForward = json["feed_forward"]?.integer,
      let rotaryBase = json["rotary_base"]?.number, let normEpsilon = json["norm_epsilon"]?.number,
      let longestBar = json["longest_bar"]?.integer,
      let barsPerPhrase = json["bars_per_phrase"]?.integer,
      let names = json["qualities"]?.list
    else { return nil }
    let qualities = names.compactMap(\.text)
    guard qualities.count == names.count else { return nil }
    (self.width, self.layers, self.heads) = (width, layers, heads)
    (self.keyValueHeads, self.feedForward) = (keyValueHeads, feedForward)
    (self.rotaryBase, self.normEpsilon) = (rotaryBase, normEpsilon)
    (self.longestBar, self.barsPerPhrase) = (longestBar, barsPerPhrase)
    self.qualities = qualities
  }

  /// No sensible model is larger than these limits, and all products of smaller sizes fit into an
  /// Int.
  private func check() throws(ConfigurationError) {
    let sizes = [
      ("width", width, 1...4096), ("layers", layers, 1...128), ("heads", heads, 1...256),
      ("key_value_heads", keyValueHeads, 1...256), ("feed_forward", feedForward, 1...16_384),
      ("longest_bar", longestBar, 1...1024), ("bars_per_phrase", barsPerPhrase, 1...1024),
      ("qualities", qualities.count, 1...1024),
    ]
    for (name, size, range) in sizes where !range.contains(size) {
      throw ConfigurationError(
        message: "expected \(name) \(range.lowerBound) to \(range.upperBound), found \(size)")
    }
    guard width % heads == 0, headSize % 2 == 0, headSize <= KERNEL_MOST_HEAD_SIZE,
      heads % keyValueHeads == 0
    else {
      throw ConfigurationError(
        message:
          "expected heads of 2 to \(KERNEL_MOST_HEAD_SIZE) that share out the width evenly, found "
          + "\(heads) heads, \(keyValueHeads) of keys and values, for a width of \(width)")
    }
    guard rotaryBase > 1, rotaryBase.isFinite, normEpsilon > 0, normEpsilon < 1 else {
      throw ConfigurationError(
        message: "rotary_base \(rotaryBase) or norm_epsilon \(normEpsilon) is out of range")
    }
  }
}

struct ConfigurationError: Error {
  let message: String
}
