// swift-tools-version: 6.2
import PackageDescription

/// A module of Sources/Shared: one folder, one concept.
func shared(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/Shared/\(name)")
}

/// One of the tools: a thin command over the shared modules.
func tool(
  _ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []
) -> Target {
  .executableTarget(
    name: name,
    dependencies: ["CommandSupport", "Music", "Records"] + dependencies + [argumentParser],
    path: "Sources/\(name)", resources: resources)
}

func tests(_ subject: Target.Dependency, name: String, _ more: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: name, dependencies: [subject, "Music", "TestSupport"] + more, path: "Tests/\(name)")
}

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let httpServer = ["NIOCore", "NIOHTTP1", "NIOPosix"].map { name in
  Target.Dependency.product(name: name, package: "swift-nio")
}

let package = Package(
  name: "jamline",
  products: [
    .executable(name: "midi-in", targets: ["midi-in"]),
    .executable(name: "jam-agent", targets: ["jam-agent"]),
    .executable(name: "plan-view", targets: ["plan-view"]),
    .executable(name: "jam-tee", targets: ["jam-tee"]),
    .executable(name: "midi-out", targets: ["midi-out"]),
    .executable(name: "jam-check", targets: ["jam-check"]),
    .executable(name: "jam-latency", targets: ["jam-latency"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
  ],
  targets: [
    // Concepts that import nothing.
    shared("Music"),
    shared("Chords"),
    shared("JSONText"),
    .target(
      name: "CKernels", path: "Sources/Shared/CKernels",
      // Always optimised, so that debug builds keep time too; sums rounded as they are written, and
      // those of slots that nobody reads may go round.
      cSettings: [.unsafeFlags(["-O3", "-ffp-contract=off", "-fwrapv"])]),
    // What is built on them.
    shared("Keys", ["Chords"]),
    shared("Records", ["JSONText", "Music"]),
    .target(
      name: "CommandSupport",
      dependencies: ["Music", "RealTime", "Records", argumentParser, system],
      path: "Sources/Shared/CommandSupport", cSettings: [.define("_GNU_SOURCE")]),
    .target(
      name: "RealTime", dependencies: ["Music", system],
      path: "Sources/Shared/RealTime", cSettings: [.define("_GNU_SOURCE")]),
    shared("Timeline", ["Music", "Records"]),
    shared("StreamChecking", ["Chords", "Music", "Records"]),
    shared("AgentSettings", ["Records"]),
    shared("MidiFile", ["Music"]),
    shared("Safetensors", ["JSONText", system]),
    shared("Transformer", ["Chords", "CKernels", "JSONText", "Music", "Safetensors"]),
    shared("Sequencer", ["CAlsa", "Music", "RealTime"]),
    shared(
      "PortChoice",
      ["CommandSupport", "JSONText", "Records", "Sequencer", argumentParser, system]),
    shared("Sound", ["CSound", "Music"]),
    // C libraries: their headers (Scripts/debian-packages installs them).
    .systemLibrary(name: "CAlsa", path: "Sources/Shared/CAlsa"),
    .systemLibrary(name: "CSound", path: "Sources/Shared/CSound"),
    .systemLibrary(name: "CRsvg", path: "Sources/Shared/CRsvg"),
    // The tools.
    tool(
      "midi-in",
      ["Chords", "JSONText", "MidiFile", "PortChoice", "RealTime", "Sequencer", "Timeline", system]),
    tool(
      "jam-agent",
      ["AgentSettings", "Chords", "Keys", "RealTime", "Timeline", "Transformer", system]),
    tool(
      "plan-view",
      ["AgentSettings", "CRsvg", "Chords", "JSONText", "Keys", "RealTime", "Timeline"]
        + httpServer,
      resources: ["page.html", "page.css", "page.js", "waterfall.js"].map { name in
        .embedInCode("Browser/\(name)")
      }),
    tool(
      "midi-out",
      ["Chords", "MidiFile", "PortChoice", "RealTime", "Sequencer", "Sound", "Timeline", system]),
    tool("jam-tee", ["RealTime", system]),
    tool("jam-check", ["JSONText", "RealTime", "StreamChecking", system]),
    tool("jam-latency", ["JSONText", "RealTime", "Sequencer", system]),
    // Measured by Benchmarks/records.py, network.py and steps.py, and not installed.
    .executableTarget(
      name: "records-benchmark", dependencies: ["Records", system],
      path: "Benchmarks/records-benchmark"),
    .executableTarget(
      name: "network-benchmark",
      dependencies: ["Chords", "Music", "Transformer", argumentParser],
      path: "Benchmarks/network-benchmark"),
    // Tests.
    .target(
      name: "TestSupport", dependencies: ["Music", "Records", "StreamChecking"],
      path: "Tests/TestSupport"),
    .testTarget(
      name: "MusicTests", dependencies: ["Music", "TestSupport"], path: "Tests/MusicTests"),
    .testTarget(name: "JSONTextTests", dependencies: ["JSONText"], path: "Tests/JSONTextTests"),
    tests("Records", name: "RecordsTests"),
    tests("Chords", name: "ChordsTests"),
    tests("Keys", name: "KeysTests", ["Chords", "MidiFile"]),
    tests("CommandSupport", name: "CommandSupportTests", ["RealTime", "Records"]),
    tests("Timeline", name: "TimelineTests", ["Records"]),
    tests("StreamChecking", name: "StreamCheckingTests", ["Records"]),
    tests("MidiFile", name: "MidiFileTests"),
    tests("RealTime", name: "RealTimeTests"),
    tests("Sequencer", name: "SequencerTests"),
    tests("Sound", name: "SoundTests"),
    tests("Transformer", name: "TransformerTests", ["Safetensors", "CKernels"]),
    tests(
      "midi-in", name: "MidiInTests", ["MidiFile", "RealTime", "Records", "Sequencer", "Timeline"]),
    tests(
      "jam-agent", name: "JamAgentTests",
      ["AgentSettings", "Records", "Chords", "Keys", "Timeline", "Transformer"]),
    tests("plan-view", name: "PlanViewTests", ["AgentSettings", "Keys", "Records"] + httpServer),
    tests("jam-tee", name: "JamTeeTests", ["Records"]),
    tests("jam-latency", name: "JamLatencyTests", ["Records"]),
    tests(
      "midi-out", name: "MidiOutTests",
      [
        "Chords", "CommandSupport", "MidiFile", "Records", "Sequencer", "Sound", "Timeline",
      ]),
    // The built tools as a user runs them.
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "TestSupport", "MidiFile", "Music", "Records", "midi-in", "jam-agent", "plan-view",
        "jam-tee", "jam-check", "midi-out", "jam-latency",
      ],
      path: "Tests/CommandTests"),
    // The same on a machine with a sequencer (Scripts/test-alsa makes one).
    .testTarget(
      name: "LiveTests",
      dependencies: ["TestSupport", "MidiFile", "Music", "RealTime", "Records", "Sequencer"],
      path: "Tests/LiveTests",
      cSettings: [.define("_GNU_SOURCE")]),
  ],
  cLanguageStandard: .c17
)
