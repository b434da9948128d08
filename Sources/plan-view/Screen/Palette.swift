/// What something on the screen means. Its colour follows from it, and where it matters its glyph
/// too.
enum Role: UInt8, CaseIterable {
  case plain
  /// Labels and other text of less weight.
  case faint
  /// A note that the person plays.
  case person
  /// A committed chord.
  case committed
  /// A tentative chord, which may still change.
  case tentative
  /// A note of the predicted melody.
  case predicted
  case barLine
  case beatLine
  /// The end of what is committed.
  case boundary
  /// The beat that began last.
  case beat
  /// Something that went wrong.
  case alarm
  /// The keys of the keyboard.
  case whiteKey
  case blackKey
}

/// An sRGB colour.
struct RGB: Hashable {
  var red: UInt8
  var green: UInt8
  var blue: UInt8

  init(_ hexadecimal: UInt32) {
    red = UInt8(truncatingIfNeeded: hexadecimal >> 16)
    green = UInt8(truncatingIfNeeded: hexadecimal >> 8)
    blue = UInt8(truncatingIfNeeded: hexadecimal)
  }

  /// The nearest of the 6 x 6 x 6 colours and 24 greys that all terminals of 256 colours have.
  var index256: Int {
    let levels = [0, 95, 135, 175, 215, 255]
    let parts = [red, green, blue].map(Int.init)
    let cube = parts.map { part in
      levels.indices.min { abs(levels[$0] - part) < abs(levels[$1] - part) } ?? 0
    }
    let grey = min(max((parts.reduce(0, +) / 3 - 3) / 10, 0), 23)
    func distance(_ others: [Int]) -> Int {
      zip(parts, others).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    let greyLevel = 8 + 10 * grey
    return distance(cube.map { levels[$0] }) <= distance([greyLevel, greyLevel, greyLevel])
      ? 16 + 36 * cube[0] + 6 * cube[1] + cube[2] : 232 + grey
  }
}

/// The colours of the terminal. Colours that must not be confused also differ in lightness, so that
/// people with any colour vision tell them apart. They follow M. Okabe and K. Ito, "Color Universal
/// Design" (2008), lightened for a dark ground.
enum Palette {
  static let ground = RGB(0x10141A)
  /// The lanes of black keys.
  static let lane = RGB(0x171C24)

  static func color(_ role: Role) -> RGB {
    switch role {
    case .plain: RGB(0xE8EAED)
    case .faint: RGB(0x8A93A0)
    case .person: RGB(0xFFB000)
    case .committed: RGB(0x4FB4FF)
    case .tentative: RGB(0x5F8AAC)
    case .predicted: RGB(0x9A6A10)
    case .barLine: RGB(0x515966)
    case .beatLine: RGB(0x343C47)
    case .boundary: RGB(0xF4F0A0)
    case .beat: RGB(0xFFFFFF)
    case .alarm: RGB(0xFF6B4A)
    case .whiteKey: RGB(0xD8DCE2)
    case .blackKey: RGB(0x2A3038)
    }
  }

  static func color(of ground: Cell.Ground) -> RGB {
    switch ground {
    case .screen: Self.ground
    case .lane: lane
    case .whiteKey: color(.whiteKey)
    case .blackKey: color(.blackKey)
    }
  }
}

/// How many colours a terminal has.
enum ColorDepth {
  case none, indexed256, trueColor

  /// The SGR parameter that sets the foreground (38) or background (48).
  func parameter(_ ground: Int, _ color: RGB) -> String {
    switch self {
    case .none: ""
    case .indexed256: "\(ground);5;\(color.index256)"
    case .trueColor: "\(ground);2;\(color.red);\(color.green);\(color.blue)"
    }
  }
}
