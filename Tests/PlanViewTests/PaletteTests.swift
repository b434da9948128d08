import Foundation
import Testing

@testable import plan_view

/// Whether people with any colour vision can tell the colours apart.
@Suite struct PaletteTests {
  /// How colours of linear sRGB look to people who lack one kind of cone: G. M. Machado, M. M.
  /// Oliveira and L. A. F. Fernandes, "A physiologically-based model for simulation of color vision
  /// deficiency", IEEE Transactions on Visualization and Computer Graphics 15 (2009), 1291-1298,
  /// severity 1.
  static let sights: [(name: String, matrix: [[Double]])] = [
    ("trichromacy", [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
    (
      "protanopia",
      [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
      ]
    ),
    (
      "deuteranopia",
      [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
      ]
    ),
    (
      "tritanopia",
      [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
      ]
    ),
  ]

  private func linear(_ color: RGB) -> [Double] {
    [color.red, color.green, color.blue].map { part in
      let value = Double(part) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
  }

  private func product(_ matrix: [[Double]], _ vector: [Double]) -> [Double] {
    matrix.map { zip($0, vector).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  /// CIE 1976 L*a*b*, white D65.
  private func lab(_ linear: [Double]) -> [Double] {
    let xyz = product(
      [
        [0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
      ], linear.map { min(max($0, 0), 1) })
    let f = zip(xyz, [0.95047, 1, 1.08883]).map { value, white in
      let share = value / white
      return share > 216.0 / 24389 ? cbrt(share) : (24389.0 / 27 * share + 16) / 116
    }
    return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]
  }

  private func difference(_ first: RGB, _ second: RGB, _ matrix: [[Double]]) -> Double {
    let pair = [first, second].map { lab(product(matrix, linear($0))) }
    return zip(pair[0], pair[1]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  /// The roles that lie beside one another in the roll. A difference of 2.3 can just be seen.
  static let roles: [Role] = [.person, .committed, .tentative, .predicted, .barLine, .boundary]

  @Test(
    "keeps the terminal colours apart for every colour vision", arguments: sights.indices,
    [ColorDepth.trueColor, .indexed256])
  func rolesDiffer(sight: Int, depth: ColorDepth) {
    func shown(_ role: Role) -> RGB {
      let color = Palette.color(role)
      return depth == .indexed256 ? Self.color(ofIndex: color.index256) : color
    }
    for (index, role) in Self.roles.enumerated() {
      for other in Self.roles[(index + 1)...] {
        let difference = difference(shown(role), shown(other), Self.sights[sight].matrix)
        #expect(difference >= 20, "\(role) and \(other), \(Self.sights[sight].name): \(difference)")
      }
    }
  }

  /// The colours of terminals with 256 colours.
  private static func color(ofIndex index: Int) -> RGB {
    let levels: [UInt32] = [0, 95, 135, 175, 215, 255]
    guard index < 232 else { return RGB(UInt32(8 + 10 * (index - 232)) * 0x010101) }
    let cube = [36, 6, 1].map { levels[(index - 16) / $0 % 6] }
    return RGB(cube[0] << 16 | cube[1] << 8 | cube[2])
  }

  /// The page's colours for dark and for light systems.
  @Test("keeps the page colours apart for every colour vision", arguments: sights.indices)
  func rolesOfThePageDiffer(sight: Int) throws {
    let page = String(decoding: Page.bytes(nonce: ""), as: UTF8.self)
    let found = try ["agent", "person", "predicted", "boundary"].map { name in
      try page.matches(of: Regex("--\(name): #([0-9a-f]{6})", as: (Substring, Substring).self))
        .map { RGB(try #require(UInt32($0.output.1, radix: 16))) }
    }
    for theme in 0..<2 {
      let colors = found.map { $0[theme] }
      for (index, color) in colors.enumerated() {
        for other in colors[(index + 1)...] {
          let difference = difference(color, other, Self.sights[sight].matrix)
          #expect(difference >= 20, "\(theme) \(color) \(other) \(Self.sights[sight].name)")
        }
      }
    }
  }

  /// Contrast as WCAG 2.1 defines it: 4.5 for text, 3 for graphics.
  @Test("has enough contrast on its grounds")
  func allIsSeenOnItsGround() {
    func luminance(_ color: RGB) -> Double {
      zip(linear(color), [0.2126, 0.7152, 0.0722]).reduce(0) { $0 + $1.0 * $1.1 }
    }
    func contrast(_ first: RGB, _ second: RGB) -> Double {
      let pair = [luminance(first), luminance(second)].sorted()
      return (pair[1] + 0.05) / (pair[0] + 0.05)
    }
    for ground in [Palette.ground, Palette.lane] {
      for role in [Role.plain, .faint, .person, .committed, .tentative, .boundary, .beat, .alarm] {
        #expect(contrast(Palette.color(role), ground) >= 4.5, "\(role)")
      }
      #expect(contrast(Palette.color(.predicted), ground) >= 3)
    }
    #expect(contrast(Palette.color(.blackKey), Palette.color(.whiteKey)) >= 4.5)
  }

  /// Signs tell roles apart without colour.
  @Test("has a different sign for each role", arguments: [false, true])
  func signsDiffer(isASCII: Bool) {
    let roll = RollGlyphs(isASCII: isASCII)
    let signs = [
      roll.committed.full, roll.tentative, roll.person, roll.predicted, roll.barLine.middle,
      roll.boundary.middle, roll.beatLine,
    ]
    #expect(Set(signs).count == signs.count)
    if isASCII { #expect(signs.allSatisfy { $0.isASCII }) }
  }

  @Test(
    "finds the nearest of 256 colours",
    arguments: [
      (0x000000, 16), (0xFFFFFF, 231), (0xFF0000, 196), (0x080808, 232), (0x5F87AF, 67),
    ])
  func findsTheNearestOf256(color: UInt32, index: Int) { #expect(RGB(color).index256 == index) }

  @Test("maps each of the 256 colours to itself")
  func all256AreTheirOwnNearest() {
    for index in 16..<256 {
      let color = Self.color(ofIndex: index)
      #expect(Self.color(ofIndex: color.index256) == color)
    }
  }
}
