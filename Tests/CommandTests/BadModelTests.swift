import Foundation
import TestSupport
import Testing

/// What jam-agent reports of model files that it cannot use.
@Suite struct BadModelTests {
  /// A way to damage a model file.
  struct Damage: CustomTestStringConvertible, Sendable {
    var testDescription: String
    /// Part of the error message after `jam-agent: cannot use the model <path>: `.
    var message: String
    var apply: @Sendable (inout ModelFile) throws -> Void
  }

  static let damages = [
    Damage(
      testDescription: "cut short", message: "the file is cut short",
      apply: { $0.elements.removeLast(1000) }),
    Damage(
      testDescription: "wrong shape",
      message: "bass.weight: expected shape [12, 256], found [256, 12]",
      apply: { try $0.change("bass.weight", "shape", [256, 12]) }),
    Damage(
      testDescription: "negative shape",
      message: "bass.weight: the shape [-12, -256] is no tensor's",
      apply: { try $0.change("bass.weight", "shape", [-12, -256]) }),
    Damage(
      testDescription: "overlap", message: "overlaps the bytes of",
      apply: { try $0.change("stack.0.keys.weight", "data_offsets", [4, 4 + 64 * 256]) }),
    Damage(
      testDescription: "huge shape", message: "is no tensor's",
      apply: { try $0.change("bass.weight", "shape", [1 << 50, 1 << 50]) }),
    Damage(
      testDescription: "wrong type of elements",
      message: #"bass.weight: expected elements F16, F32 or I8, found "BF16""#,
      apply: { try $0.change("bass.weight", "dtype", "BF16") }),
    Damage(
      testDescription: "a matrix of 16-bit numbers",
      message: "stack.0.keys.weight: expected elements I8, found F16",
      apply: {
        try $0.change("stack.0.keys.weight", "dtype", "F16")
        try $0.append(2 * 64 * 256, as: "stack.0.keys.weight")
      }),
    Damage(
      testDescription: "a table of 8-bit numbers",
      message: "bass.weight: expected elements F16 or F32, found I8",
      apply: {
        try $0.change("bass.weight", "dtype", "I8")
        try $0.append(12 * 256, as: "bass.weight")
      }),
    Damage(
      testDescription: "an infinite scale", message: "stack.0.keys.scale: expected numbers",
      apply: { try $0.put([0x00, 0x00, 0x80, 0x7F], into: "stack.0.keys.scale") }),
    Damage(
      testDescription: "offsets beyond the file", message: "the file is cut short",
      apply: { try $0.change("bass.weight", "data_offsets", [1 << 40, 1 << 40 + 6144]) }),
    Damage(
      testDescription: "tensor missing", message: #"expected a tensor "bass.weight", found none"#,
      apply: { $0.header["bass.weight"] = nil }),
    Damage(
      testDescription: "NaN", message: "bass.weight: expected numbers",
      apply: { try $0.put([0x00, 0x7E], into: "bass.weight") }),
    Damage(
      testDescription: "infinity", message: "bass.weight: expected numbers",
      apply: { try $0.put([0x00, 0x7C], into: "bass.weight") }),
    Damage(
      testDescription: "another version",
      message: "expected jamline-accompanist version 2, found jamline-accompanist version 1",
      apply: { try $0.change("__metadata__", "version", "1") }),
    Damage(
      testDescription: "no description",
      message: "expected jamline-accompanist version 2, found no format",
      apply: { $0.header["__metadata__"] = nil }),
    Damage(
      testDescription: "no configuration",
      message: #"expected a configuration in the metadata, found "[]""#,
      apply: { try $0.change("__metadata__", "configuration", "[]") }),
  ]

  @Test("a damaged model is refused with the reason", arguments: damages)
  func refusesDamagedModels(_ damage: Damage) throws {
    var file = try ModelFile(at: ModelFile.shipped)
    try damage.apply(&file)
    try expectRefusal(of: file.data(), damage.message)
  }

  @Test(
    "a file that is no model is refused",
    arguments: [
      (Data(), "expected a safetensors file, found 0 bytes"),
      (Data([1, 2, 3]), "expected a safetensors file, found 3 bytes"),
      (Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 167) }), "no safetensors file"),
      (ModelFile.bytes(header: Data("hello".utf8), elements: Data()), "expected a JSON header"),
      (
        ModelFile.bytes(
          header: Data(repeating: UInt8(ascii: "["), count: 1 << 19), elements: Data()),
        "expected a JSON header"
      ),
    ])
  func refusesOtherFiles(content: Data, message: String) throws {
    try expectRefusal(of: content, message)
  }

  @Test("a model that ends in its header is refused")
  func refusesHalfHeader() throws {
    let start = try Data(contentsOf: ModelFile.shipped).prefix(4000)
    try expectRefusal(of: start, "cut short")
  }

  @Test(
    "a missing model is named",
    arguments: [
      ("nowhere", #"cannot find the model "nowhere": expected nowhere.safetensors in "#),
      (
        "/nowhere/m.safetensors", "cannot open /nowhere/m.safetensors: No such file or directory"
      ),
    ])
  func namesMissingModels(name: String, message: String) throws {
    let outcome = try run(model: name)
    #expect(outcome.status == 66)
    #expect(outcome.error.hasPrefix("jam-agent: \(message)"), "\(outcome.error)")
    #expect(outcome.output.isEmpty)
  }

  /// A model in the first folder hides the models of the same name in other folders.
  @Test("models are listed by name, with their paths")
  func listsModels() throws {
    try ToolRunner.withTemporaryFolder { folder in
      let outcome = try ToolRunner.shell(
        """
        touch accompanist.safetensors ballads.safetensors notes.txt .safetensors
        JAMLINE_MODELS="$PWD" jam-agent --list-models
        """, folder: folder)
      #expect(outcome.status == 0 && outcome.error.isEmpty)
      let listed = ["accompanist", "ballads"].map {
        "\($0)\t\(folder.path)/\($0).safetensors"
      }
      #expect(outcome.lines.prefix(2) == listed[...])
      let own = try ToolRunner.shell("jam-agent --list-models")
      #expect(own.lines.contains { $0.hasPrefix("accompanist\t/") })
    }
  }

  @Test(
    "a model that is no regular file is refused at once",
    arguments: ["mkfifo model.safetensors", "mkdir model.safetensors"])
  func refusesSpecialFiles(making: String) throws {
    try ToolRunner.withTemporaryFolder { folder in
      let outcome = try ToolRunner.shell(
        "\(making); timeout 20 \(AgentStream.command) --model model.safetensors", folder: folder)
      #expect(outcome.status == 65)
      #expect(outcome.error.contains("model.safetensors: expected a regular file"))
    }
  }

  /// This shows that models are refused for their damage, not for being rewritten.
  @Test("a model that is rewritten without damage is used")
  func usesRewrittenModel() throws {
    try ToolRunner.withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("model.safetensors")
      try ModelFile(at: ModelFile.shipped).data().write(to: path)
      let outcome = try run(model: path.path)
      #expect(outcome.status == 0 && outcome.error.isEmpty)
      #expect(outcome.planLines.count == 2)
    }
  }

  private func run(model: String) throws -> ToolRunner.Outcome {
    try ToolRunner.shell(
      "\(AgentStream.command) --model '\(model)'",
      input: AgentStream.data(AgentStream.lines(frames: 2) + [AgentStream.end]))
  }

  private func expectRefusal(of content: Data, _ message: String) throws {
    try ToolRunner.withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("model.safetensors")
      try content.write(to: path)
      let outcome = try run(model: path.path)
      #expect(outcome.status == 65)
      #expect(outcome.error.hasPrefix("jam-agent: cannot use the model \(path.path): "))
      #expect(outcome.error.contains(message), "\(outcome.error)")
      #expect(outcome.error.split(separator: "\n").count == 1)
      #expect(outcome.output.isEmpty)
    }
  }
}
