import Foundation
import TestSupport
import Testing

@testable import Sound

struct SoundFileTests {
  /// A second of a tone in both channels.
  private static let tone = (0..<88_200).map { index in
    Float(0.5 * sin(2 * Double.pi * 441 * Double(index / 2) / 44_100))
  }

  private static func withFile<Result>(
    _ name: String, _ body: (URL, CInt) throws -> Result
  ) throws -> Result {
    try ToolRunner.withTemporaryFolder { folder in
      let url = folder.appendingPathComponent(name)
      _ = FileManager.default.createFile(atPath: url.path, contents: nil)
      let handle = try FileHandle(forUpdating: url)
      return try body(url, handle.fileDescriptor)
    }
  }

  private static func written(_ format: SoundFile.Format) throws -> Data {
    try withFile("a.\(format.rawValue)") { url, descriptor in
      var file = try SoundFile.open(descriptor, name: url.path, format)
      try file.write(tone)
      #expect(file.length == 44_100)
      try file.finish()
      return try Data(contentsOf: url)
    }
  }

  @Test("writes the same bytes for the same samples", arguments: SoundFile.Format.allCases)
  func sameSamplesGiveTheSameBytes(format: SoundFile.Format) throws {
    let first = try Self.written(format)
    #expect(first == (try Self.written(format)))
    let magic: [SoundFile.Format: String] = [.wav: "RIFF", .flac: "fLaC", .ogg: "OggS"]
    #expect(first.starts(with: magic[format]!.utf8))
  }

  @Test("writes WAV samples without dither")
  func wavHasTheSamplesWithoutDither() throws {
    let data = try Self.written(.wav)
    #expect(data.count == 44 + 2 * 88_200)
    let samples = data.dropFirst(44).withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
    let errors = zip(samples, Self.tone).map { abs(Float($0) - $1 * 32_768) }
    #expect(errors.max()! < 1)
  }

  @Test("writes the length so far into an updated header")
  func aHeaderBroughtUpToDateTellsTheLength() throws {
    try Self.withFile("a.wav") { url, descriptor in
      var file = try SoundFile.open(descriptor, name: url.path, .wav)
      try file.write(Self.tone)
      try file.updateHeader()
      let data = try Data(contentsOf: url)
      // The length of the data in bytes.
      #expect(data[40..<44].elementsEqual([0x10, 0xB1, 0x02, 0x00]))
      #expect(data.count == 44 + 2 * 88_200)
      try file.finish()
    }
  }

  @Test("clips samples beyond full scale")
  func whatIsTooLoudIsCutOff() throws {
    try Self.withFile("a.wav") { url, descriptor in
      var file = try SoundFile.open(descriptor, name: url.path, .wav)
      try file.write([1.5, -1.5])
      try file.finish()
      let data = try Data(contentsOf: url)
      #expect(data.suffix(4).elementsEqual([0xFF, 0x7F, 0x00, 0x80]))
    }
  }

  @Test("reports a full disk")
  func aFullDiskIsSaid() throws {
    let full = try FileHandle(forUpdating: URL(fileURLWithPath: "/dev/full"))
    #expect {
      var file = try SoundFile.open(full.fileDescriptor, name: "a.wav", .wav)
      for _ in 0..<10 { try file.write(Self.tone) }
      try file.finish()
    } throws: { error in
      "\(error)" == "cannot write a.wav: No space left on device"
    }
  }

  @Test(
    "computes the checksums of Ogg pages",
    arguments: [("", 0), ("123456789", 0x89A1_897F), ("OggS", 0x5FB0_A94F)])
  func checksums(text: String, expected: UInt32) {
    #expect(OggStream.checksum(text.utf8) == expected)
  }

  @Test("refuses damaged Ogg pages")
  func damagedOggIsRefused() throws {
    try Self.withFile("a.ogg") { url, descriptor in
      try Data("OggS and no more".utf8).write(to: url)
      let handle = try FileHandle(forUpdating: url)
      #expect(throws: SoundError("write a.ogg", reason: "no Ogg page at byte 0")) {
        try OggStream.setSerialNumber(handle.fileDescriptor, name: "a.ogg")
      }
    }
  }
}
