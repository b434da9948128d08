import Music
import Testing

@testable import plan_view

@Suite struct ExportPictureTests {
  /// A cell is a frame and how many frames ahead it was planned. It lies in the region of the chord
  /// that the plan had for it, and in no other.
  @Test(
    "puts each planned frame into the region of its chord", arguments: 1...10 as ClosedRange<UInt64>
  )
  func regionsTellWhatEachPlanSaid(seed: UInt64) throws {
    let plans = RandomPlans(frames: 48, seed: seed)
    let session = try history(plans.lines)
    let frames = (0..<48).map { Frame($0) }
    var cells: [[String?]] = Array(repeating: Array(repeating: nil, count: 64), count: 48)
    for region in plannedRegions(of: frames, in: session.plans, lastFrame: Frame(47)) {
      for (index, column) in region.columns.enumerated() {
        for ahead in column {
          #expect(cells[region.first + index][ahead] == nil)
          cells[region.first + index][ahead] = region.symbol
        }
      }
    }
    for frame in 0..<48 {
      let planned = (0..<64).map { ahead in
        frame < ahead ? nil : plans.planned[frame - ahead].dropFirst(ahead).first
      }
      #expect(cells[frame] == planned, "seed \(seed), frame \(frame)")
    }
  }

  @Test(
    "compares a planned chord with the played one",
    arguments: [
      ("F", "F", Agreement.agrees), ("F6", "F", .sameRoot), ("F/C", "F", .sameRoot),
      ("Gb", "F#7", .sameRoot), ("C", "F", .other), ("N", "F", .other), ("N", "N", .agrees),
      ("nonsense", "nonsense", .agrees), ("nonsense", "F", .other),
    ]) func comparesWhatWasPlannedAndPlayed(planned: String, played: String, wanted: Agreement)
  {
    #expect(Agreement(planned: planned, played: played) == wanted)
  }

  @Test("draws rows of eight bars in one scale")
  func rowsHaveEightBarsInOneScale() throws {
    let ticks = (0..<160).map { tick($0) }
    let layout = PictureLayout(try history([header, tick(-1), noteOn(60)] + ticks, from: 1))
    #expect(layout.rows.map(\.bars.count) == [8, 2])
    #expect(layout.x(column: 128) == PictureLayout.right)
    let row = layout.rows[1]
    #expect(row.pieces(from: 120, to: 130).map(\.from) == [0])
    #expect(row.pieces(from: 120, to: 130).map(\.to) == [2])
    #expect(row.pieces(from: 120, to: 130).map(\.isContinued) == [true])
    #expect(row.pieces(from: 100, to: 128).isEmpty)
  }

  @Test("sets bars side by side where the stream leaps")
  func leapsTakeNoRoom() throws {
    let session = try history([
      header, tick(0), noteOn(60), tick(15), tick(160_000), noteOff(60), tick(160_001),
    ])
    let row = try #require(PictureLayout(session).rows.first)
    #expect(row.bars.map(\.number) == [1, 10_001])
    #expect(row.pieces(from: 0, to: 160_000).map(\.to) == [16])
    #expect(row.pieces(from: 160_000, to: 160_001).map(\.from) == [16])
  }

  @Test("escapes text for XML and replaces what XML does not allow")
  func textIsWrittenAsXMLHasIt() {
    #expect(
      escaped("<a href=\"b\">&'\0\u{1B}\u{85}\u{FFFE}é\u{1D11E}")
        == "&lt;a href=&quot;b&quot;&gt;&amp;&#39;\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}é\u{1D11E}")
  }

  @Test("draws the same picture from the same records")
  func theSameRecordsMakeTheSamePicture() throws {
    let plans = RandomPlans(frames: 100, seed: 3)
    let pictures = try (0..<3).map { _ in PicturePainter.svg(of: try history(plans.lines)) }
    #expect(Set(pictures).count == 1)
    #expect(pictures[0] != PicturePainter.svg(of: try history(Array(plans.lines.dropLast(4)))))
  }

  @Test(
    "limits the pixels of a PNG",
    arguments: [
      (2.0, 1000.0, 500.0, 2.0), (8, 1000, 1000, 8), (8, 1000, 2000, 5.79), (2, 1000, 20_000, 1.63),
    ]) func aPNGHasAsManyPixelsAsThereIsRoomFor(
      wanted: Double, width: Double, height: Double, scale: Double
    )
  {
    #expect(PNGRenderer.scale(wanted, width: width, height: height) == scale)
    #expect(height * scale <= PNGRenderer.longestEdge)
    #expect(width * scale * height * scale <= PNGRenderer.mostPixels)
  }
}
