import Foundation
import TestSupport
import Testing

/// What the agent says of model files that it cannot use.
@Suite struct BadModelTests {
  /// A way to spoil a model file.
  struct Damage: CustomTestStringConvertible, Sendable {
    var testDescription: String
    /// What stands after `jam-agent: cannot use the model <path>: `.
    var message: String
    var spoil: @Sendable (inout ModelFile) throws -> Void
  }

  static let damages = [
    Damage(
      testDescription: "cut short", message: "the file is cut short",
      spoil: { $0.elements.removeLast(1000) }),
    Damage(
      testDescription: "wrong shape",
      message: "bass.weight: expected shape [12, 256], found [256, 12]",
      spoil: { try $0.change("bass.weight", "shape", [256, 12]) }),
    Damage(
      testDescription: "negative shape",
      message: "bass.weight: the shape [-12, -256] is no tensor's",
      spoil: { try $0.change("bass.weight", "shape", [-12, -256]) }),
    Damage(
      testDescription: "shape beyond measure", message: "is no tensor's",
      spoil: { try $0.change("bass.weight", "shape", [1 << 62, 256]) }),
    Damage(
      testDescription: "wrong type of elements",
      message: #"bass.weight: expected elements F16, F32 or I8, found "BF16""#,
      spoil: { try $0.change("bass.weight", "dtype", "BF16") }),
    Damage(
      testDescription: "a matrix that is not in 8 bits",
      message: "stack.0.keys.weight: expected elements I8, found F16",
      spoil: {
        try $0.change("stack.0.keys.weight", "dtype", "F16")
        try $0.change("stack.0.keys.weight", "data_offsets", [0, 2 * 64 * 256])
      }),
    Damage(
      testDescription: "a table in 8 bits",
      message: "bass.weight: expected elements F16 or F32, found I8",
      spoil: {
        try $0.change("bass.weight", "dtype", "I8")
        try $0.change("bass.weight", "data_offsets", [0, 12 * 256])
      }),
    Damage(
      testDescription: "a scale that is none", message: "stack.0.keys.scale: expected numbers",
      spoil: { try $0.put([0x00, 0x00, 0x80, 0x7F], into: "stack.0.keys.scale") }),
    Damage(
      testDescription: "offsets beyond the file", message: "the file is cut short",
      spoil: { try $0.change("bass.weight", "data_offsets", [1 << 40, 1 << 40 + 6144]) }),
    Damage(
      testDescription: "tensor missing", message: #"expected a tensor "bass.weight", found none"#,
      spoil: { $0.header["bass.weight"] = nil }),
    Damage(
      testDescription: "NaN", message: "bass.weight: expected numbers",
      spoil: { try $0.put([0x00, 0x7E], into: "bass.weight") }),
    Damage(
      testDescription: "infinity", message: "bass.weight: expected numbers",
      spoil: { try $0.put([0x00, 0x7C], into: "bass.weight") }),
    Damage(
      testDescription: "another version",
      message: "expected jamline-accompanist version 2, found jamline-accompanist version 1",
      spoil: { try $0.change("__metadata__", "version", "1") }),
    Damage(
      testDescription: "no description",
      message: "expected jamline-accompanist version 2, found no format",
      spoil: { $0.header["__metadata__"] = nil }),
    Damage(
      testDescription: "configuration is none",
      message: #"expected a configuration in the metadata, found "[]""#,
      spoil: { try $0.change("__metadata__", "configuration", "[]") }),
  ]

  @Test(arguments: damages)
  func damagedModelsAreRefused(_ damage: Damage) throws {
    var file = try ModelFile(at: ModelFile.shipped)
    try damage.spoil(&file)
    try expectRefusal(of: file.data(), damage.message)
  }

  @Test(arguments: [
    (Data(), "expected a safetensors file, found 0 bytes"),
    (Data([1, 2, 3]), "expected a safetensors file, found 3 bytes"),
    (Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 167) }), "no safetensors file"),
    (ModelFile.bytes(header: Data("hello".utf8), elements: Data()), "expected a JSON header"),
    (
      ModelFile.bytes(header: Data(repeating: UInt8(ascii: "["), count: 1 << 19), elements: Data()),
      "expected a JSON header"
    ),
  ])
  func filesThatAreNoModelsAreRefused(content: Data, message: String) throws {
    try expectRefusal(of: content, message)
  }

  @Test func halfOfAHeaderIsRefused() throws {
    let start = try Data(contentsOf: ModelFile.shipped).prefix(4000)
    try expectRefusal(of: start, "cut short")
  }

  @Test(arguments: [
    ("nowhere", #"cannot find the model "nowhere": expected nowhere.safetensors in "#),
    (
      "/nowhere/m.safetensors", "cannot open /nowhere/m.safetensors: No such file or directory"
    ),
  ])
  func missingModelsAreNamed(name: String, message: String) throws {
    let outcome = try run(model: name)
    #expect(outcome.status == 66)
    #expect(outcome.error.hasPrefix("jam-agent: \(message)"), "\(outcome.error)")
    #expect(outcome.output.isEmpty)
  }

  /// Those of the folder that comes first hide others of the same name.
  @Test func modelsAreListed() throws {
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

  @Test(arguments: ["mkfifo model.safetensors", "mkdir model.safetensors"])
  func whatIsNoFileIsRefusedAtOnce(making: String) throws {
    try ToolRunner.withTemporaryFolder { folder in
      let outcome = try ToolRunner.shell(
        "\(making); timeout 20 \(AgentStream.command) --model model.safetensors", folder: folder)
      #expect(outcome.status == 65)
      #expect(outcome.error.contains("model.safetensors: expected a regular file"))
    }
  }

  /// Spoiling nothing gives a model, so the refusals are of what was spoilt.
  @Test func rewrittenModelIsUsed() throws {
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
      input: AgentStream.data(AgentStream.lines(frames: 2)))
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
