/// Chord names large enough to be read from some metres. As on lead sheets, the root is taller, 7
/// dots, than the letters after it, 5 dots.
struct BigLetters {
  /// Rows of dots, from the top.
  typealias Dots = [[Bool]]

  /// The rows of dots that a name takes.
  static let height = 7

  /// The name in dots; nil where it has a character without a drawing.
  static func dots(_ name: String, isSmall: Bool = false) -> Dots? {
    var rows = Dots(repeating: [], count: height)
    let large = isSmall ? 0 : largeCount(name)
    for (index, character) in name.enumerated() {
      let isAccidental = character == "#" || character == "b"
      let isLarge = index < large && !isAccidental
      guard let letter = isLarge ? largeLetters[character] : smallLetters[character] else {
        return nil
      }
      // The accidental of a large root stands beside its head.
      let isRaised = isAccidental && index <= large && !isSmall
      let top = isLarge || isRaised ? 0 : height - letter.count
      for row in rows.indices {
        let dots = row >= top && row < top + letter.count ? letter[row - top] : []
        rows[row] += dots + Array(repeating: false, count: letter[0].count + 1 - dots.count)
      }
    }
    return rows.map { Array($0.dropLast()) }
  }

  /// Enlarges a drawing: each dot becomes a square of `scale` by `scale` dots.
  static func scaled(_ dots: Dots, by scale: Int) -> Dots {
    dots.flatMap { row in
      let wide = row.flatMap { Array(repeating: $0, count: scale) }
      return Array(repeating: wide, count: scale)
    }
  }

  /// How many characters the root or numeral takes, together with the accidentals before it.
  private static func largeCount(_ name: String) -> Int {
    let accidentals = name.prefix { $0 == "#" || $0 == "b" }.count
    let rest = name.dropFirst(accidentals)
    guard let first = rest.first else { return 0 }
    let numeral = rest.prefix { "IViv".contains($0) }.count
    return accidentals + max(numeral, largeLetters[first] == nil ? 0 : 1)
  }

  private static func letters(_ drawn: [(Character, String)]) -> [Character: Dots] {
    Dictionary(
      uniqueKeysWithValues: drawn.map { character, rows in
        (character, rows.split(separator: " ").map { $0.map { $0 == "#" } })
      })
  }

  private static let largeLetters = letters([
    ("A", ".###. #...# #...# ##### #...# #...# #...#"),
    ("B", "####. #...# #...# ####. #...# #...# ####."),
    ("C", ".###. #...# #.... #.... #.... #...# .###."),
    ("D", "####. #...# #...# #...# #...# #...# ####."),
    ("E", "##### #.... #.... ####. #.... #.... #####"),
    ("F", "##### #.... #.... ####. #.... #.... #...."),
    ("G", ".###. #...# #.... #.### #...# #...# .###."),
    ("N", "#...# ##..# ##..# #.#.# #..## #..## #...#"),
    ("I", "### .#. .#. .#. .#. .#. ###"),
    ("V", "#...# #...# #...# #...# .#.#. .#.#. ..#.."),
    ("i", "# . # # # # #"),
    ("v", "..... ..... #...# #...# #...# .#.#. ..#.."),
    ("1", "..#.. .##.. #.#.. ..#.. ..#.. ..#.. #####"),
    ("2", ".###. #...# ....# ...#. ..#.. .#... #####"),
    ("3", ".###. #...# ....# ..##. ....# #...# .###."),
    ("4", "...#. ..##. .#.#. #..#. ##### ...#. ...#."),
    ("5", "##### #.... ####. ....# ....# #...# .###."),
    ("6", ".###. #.... #.... ####. #...# #...# .###."),
    ("7", "##### ....# ...#. ...#. ..#.. ..#.. ..#.."),
  ])

  private static let smallLetters = letters([
    ("0", "### #.# #.# #.# ###"), ("1", ".#. ##. .#. .#. ###"), ("2", "##. ..# .#. #.. ###"),
    ("3", "### ..# .## ..# ###"), ("4", "#.# #.# ### ..# ..#"), ("5", "### #.. ##. ..# ##."),
    ("6", ".## #.. ### #.# ###"), ("7", "### ..# ..# .#. .#."), ("8", "### #.# ### #.# ###"),
    ("9", "### #.# ### ..# ##."), ("A", ".#. #.# ### #.# #.#"), ("B", "##. #.# ##. #.# ##."),
    ("C", ".## #.. #.. #.. .##"), ("D", "##. #.# #.# #.# ##."), ("E", "### #.. ##. #.. ###"),
    ("F", "### #.. ##. #.. #.."), ("G", ".## #.. #.# #.# .##"), ("I", "### .#. .#. .#. ###"),
    ("V", "#.# #.# #.# #.# .#."), ("M", "#...# ##.## #.#.# #...# #...#"),
    ("N", "#..# ##.# #.## #..# #..#"), ("a", "... .## #.# #.# .##"),
    ("b", "#.. #.. ##. #.# ##."), ("d", "..# ..# .## #.# .##"), ("g", ".## #.# .## ..# ##."),
    ("i", "# . # # #"), ("j", ".# .. .# .# #."), ("l", "# # # # #"),
    ("m", "..... ##.#. #.#.# #.#.# #.#.#"), ("n", "... ##. #.# #.# #.#"),
    ("o", "... .#. #.# #.# .#."), ("s", ".## #.. .#. ..# ##."), ("t", ".#. ### .#. .#. .##"),
    ("u", "... #.# #.# #.# .##"), ("v", "... #.# #.# #.# .#."),
    ("#", ".#.#. ##### .#.#. ##### .#.#."), ("/", "..# ..# .#. #.. #.."),
    ("+", "... .#. ### .#. ..."), ("-", "... ... ### ... ..."), ("(", ".# #. #. #. .#"),
    (")", "#. .# .# .# #."), (".", ". . . . #"), (",", ". . . # #"),
  ])
}
