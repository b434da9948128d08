import CKernels
import Safetensors

/// A row-major matrix, or a vector of one row, inside a model's weights.
struct Matrix {
  let elements: UnsafePointer<Float>
  let rows: Int
  let columns: Int

  /// The start of a row. Traps where there is none.
  func row(_ index: Int) -> UnsafePointer<Float> {
    precondition(0..<rows ~= index, "a table has no such row")
    return elements + index * columns
  }
}

/// All weights of a network: int8 matrices, used where they lie in the mapped file, and float32
/// tables.
final class Weights: Sendable {
  /// The weights of one layer.
  struct Layer {
    let attentionNorm: Matrix
    let queries, keys, values, attentionOutput: KernelMatrix
    let feedForwardNorm: Matrix
    let gate, up, down: KernelMatrix
  }

  /// The weights of one head: the norm, the hidden matrix (D, D) and the bias of its choices.
  struct Head {
    let norm: Matrix
    let hidden: KernelMatrix
    let bias: Matrix
  }

  /// Embedding tables: a row of shape (D) for each value of an input.
  struct Tables {
    let melodyKind, pitch, chordKind, root, quality, bass: Matrix
    let place, left, bar, compound: Matrix
    /// The output embeddings of the melody head: rest, hold, then the pitches.
    let melodyEvents: Matrix
  }

  // Written in the initialiser, only read afterwards.
  nonisolated(unsafe) let tables: Tables
  nonisolated(unsafe) let layers: [Layer]
  nonisolated(unsafe) let norm: Matrix
  nonisolated(unsafe) let chordOnsetHead, rootHead, qualityHead, bassHead, melodyHead: Head
  /// The int8 matrices point into this mapping.
  private let file: SafetensorsFile
  private let arena: Arena

  init(file: SafetensorsFile, _ c: Configuration) throws(ModelError) {
    var loader = WeightLoader(file: file, arena: Arena())
    let kindRows = (melody: 4, chord: 3)
    let melodyKind = try loader.matrix("melody_kind.weight", kindRows.melody, c.width)
    let pitch = try loader.matrix("pitch.weight", 129, c.width)
    tables = Tables(
      melodyKind: melodyKind, pitch: pitch,
      chordKind: try loader.matrix("chord_kind.weight", kindRows.chord, c.width),
      root: try loader.matrix("root.weight", 13, c.width),
      quality: try loader.matrix("quality.weight", c.qualities.count, c.width),
      bass: try loader.matrix("bass.weight", 12, c.width),
      place: try loader.matrix("place.weight", c.longestBar, c.width),
      left: try loader.matrix("left.weight", c.longestBar, c.width),
      bar: try loader.matrix("bar.weight", c.barsPerPhrase, c.width),
      compound: try loader.matrix("compound.weight", 2, c.width),
      melodyEvents: loader.melodyEvents(kinds: melodyKind, pitches: pitch))
    var layers: [Layer] = []
    for index in 0..<c.layers { layers.append(try loader.layer(index, c)) }
    self.layers = layers
    norm = try loader.matrix("norm.weight", 1, c.width)
    // The file format has the older word for a chord onset.
    chordOnsetHead = try loader.head("strike_head", 2, c)
    rootHead = try loader.head("root_head", 13, c)
    qualityHead = try loader.head("quality_head", c.qualities.count, c)
    bassHead = try loader.head("bass_head", 12, c)
    melodyHead = try loader.head("melody_head", MelodyIndex.count, c)
    try loader.checkThatAllIsUsed()
    (arena, self.file) = (loader.arena, file)
  }

  /// Owns the memory of the float32 tables.
  fileprivate final class Arena: @unchecked Sendable {
    private var blocks: [UnsafeMutableBufferPointer<Float>] = []

    func block(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
      let bytes = UnsafeMutableRawBufferPointer.allocate(
        byteCount: count * MemoryLayout<Float>.size, alignment: 64)
      blocks.append(bytes.bindMemory(to: Float.self))
      return blocks.last!
    }

    deinit { for block in blocks { block.deallocate() } }
  }
}

/// Reads tensors from a model file and checks their shapes.
private struct WeightLoader {
  let file: SafetensorsFile
  let arena: Weights.Arena
  private var unused: Set<String>

  init(file: SafetensorsFile, arena: Weights.Arena) {
    (self.file, self.arena) = (file, arena)
    unused = Set(file.names)
  }

  /// Throws if the file has a tensor that the network lacks: it is of another kind of network.
  func checkThatAllIsUsed() throws(ModelError) {
    if let name = unused.min() { throw .unexpectedTensor(name) }
  }

  private mutating func tensor(
    _ name: String, shape: [Int]
  ) throws(ModelError) -> SafetensorsFile.Tensor {
    unused.remove(name)
    guard let tensor = file[name] else { throw .missingTensor(name) }
    guard tensor.shape == shape else {
      throw .wrongShape(name, expected: shape, found: tensor.shape)
    }
    return tensor
  }

  private mutating func floats(
    _ name: String, shape: [Int]
  ) throws(ModelError) -> UnsafePointer<Float> {
    let tensor = try tensor(name, shape: shape)
    guard tensor.kind != .int8 else {
      throw .wrongElements(name, expected: "F16 or F32", found: tensor.kind)
    }
    let elements = arena.block(tensor.count)
    file.read(tensor, into: elements)
    guard elements.allSatisfy(\.isFinite) else { throw .notFinite(name) }
    return UnsafePointer(elements.baseAddress!)
  }

  mutating func matrix(_ name: String, _ rows: Int, _ columns: Int) throws(ModelError) -> Matrix {
    let elements = try floats(name, shape: rows == 1 ? [columns] : [rows, columns])
    return Matrix(elements: elements, rows: rows, columns: columns)
  }

  /// A matrix of int8 weights in tiles, and the scales of its rows: see `KernelMatrix`.
  private mutating func packed(
    _ name: String, _ rows: Int, _ columns: Int
  ) throws(ModelError) -> KernelMatrix {
    let (tileRows, tileColumns) = (KERNEL_TILE_ROWS, KERNEL_TILE_COLUMNS)
    let tiles = (rows + tileRows - 1) / tileRows
    let pairs = (columns + tileColumns - 1) / tileColumns
    let tensor = try tensor("\(name).weight", shape: [tiles, pairs, tileRows, tileColumns])
    guard tensor.kind == .int8 else {
      throw .wrongElements("\(name).weight", expected: "I8", found: tensor.kind)
    }
    return KernelMatrix(
      elements: file.bytes(of: tensor).baseAddress!.assumingMemoryBound(to: Int8.self),
      scales: try floats("\(name).scale", shape: [tiles * tileRows]),
      rows: rows, columns: columns)
  }

  mutating func layer(_ index: Int, _ c: Configuration) throws(ModelError) -> Weights.Layer {
    func name(_ part: String) -> String { "stack.\(index).\(part)" }
    return Weights.Layer(
      attentionNorm: try matrix(name("attention_norm.weight"), 1, c.width),
      queries: try packed(name("queries"), c.width, c.width),
      keys: try packed(name("keys"), c.keyValueWidth, c.width),
      values: try packed(name("values"), c.keyValueWidth, c.width),
      attentionOutput: try packed(name("attention_output"), c.width, c.width),
      feedForwardNorm: try matrix(name("feed_forward_norm.weight"), 1, c.width),
      gate: try packed(name("gate"), c.feedForward, c.width),
      up: try packed(name("up"), c.feedForward, c.width),
      down: try packed(name("down"), c.width, c.feedForward))
  }

  mutating func head(
    _ name: String, _ choices: Int, _ c: Configuration
  ) throws(ModelError) -> Weights.Head {
    Weights.Head(
      norm: try matrix("\(name).norm.weight", 1, c.width),
      hidden: try packed("\(name).hidden", c.width, c.width),
      bias: try matrix("\(name).bias", 1, choices))
  }

  /// The output embeddings of the melody are its input embeddings: rest, hold and the pitches of
  /// onsets.
  func melodyEvents(kinds: Matrix, pitches: Matrix) -> Matrix {
    let width = kinds.columns
    let block = arena.block(MelodyIndex.count * width)
    let rows =
      [kinds.row(MelodyKind.rest.rawValue), kinds.row(MelodyKind.hold.rawValue)]
      + (0..<128).map(pitches.row)
    for (index, row) in rows.enumerated() {
      (block.baseAddress! + index * width).update(from: row, count: width)
    }
    return Matrix(
      elements: UnsafePointer(block.baseAddress!), rows: MelodyIndex.count, columns: width)
  }
}

/// What the melody did in the frame before, as a row of the network's table.
enum MelodyKind: Int {
  case rest, onset, hold, start
}

/// What the harmony did in the frame before, as a row of the network's table. `start` also stands
/// for a masked chord.
enum ChordKind: Int {
  case hold, onset, start
}
