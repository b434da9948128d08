/// What the name of a track says about its part.
enum NameHint: CaseIterable {
  /// It has the melody, or is sung.
  case melody
  /// It leads, as a solo or the right hand does.
  case lead
  /// It sings or plays along with the melody.
  case backing
  /// It has the bass, chords or arpeggios.
  case accompaniment

  /// Whether a name says this, in one of many languages.
  ///
  /// A word of the list is found where a word of the name begins: `melod` in `PianoMelody 2`. One
  /// of three letters or fewer has to be all of a word, and one in Chinese, Japanese or Korean may
  /// be anywhere, since those put no spaces between words.
  func isFound(in name: String) -> Bool {
    let words = Self.words(of: name)
    return list.contains { hint in
      if hint.isUnspaced { return words.contains { $0.contains(hint) } }
      if hint.count <= 3 { return words.contains(hint) }
      return words.contains { $0.hasPrefix(hint) && !Self.misleading.contains($0) }
    }
  }

  /// The words of a name in lower case: of `PianoMelody 2`, piano and melody. A name may be as long
  /// as a file, so only its first 100 characters are read.
  private static func words(of name: String) -> [String] {
    var words: [String] = []
    var previous: Character = " "
    for character in name.prefix(100) {
      if character.isLetter {
        let isInside = previous.isLetter && !(previous.isLowercase && character.isUppercase)
        if !isInside { words.append("") }
        words[words.count - 1] += character.lowercased()
      }
      previous = character
    }
    return words
  }

  /// Instruments whose names begin like a hint.
  private static let misleading: Set = ["bassoon", "harmonica"]

  private var list: [String] {
    switch self {
    case .melody: Self.melodyWords
    case .lead: Self.leadWords
    case .backing: Self.backingWords
    case .accompaniment: Self.accompanimentWords
    }
  }

  private static let melodyWords = list(
    """
    melod mélod мелод メロ 旋律 멜로디
    voca вокал ボーカル 보컬 人声 人聲 主唱 歌 唱 노래 singer
    voice voix voz voce voci vox stimme singst hauptst stämma stem głos голос
    gesang canto cantus cantan chant zang sång sang śpiew wokal
    tune theme thema tema
    """)
  private static let leadWords = list(
    """
    lead solo соло sopran treble
    right recht droit destra derech direit прав höger praw 右手 오른손 rh md
    """)
  private static let backingWords = list(
    """
    back bg second zweit segund tweede подгол бэк counter contre controcanto echo doubl
    harmony harmonie armon 和声 コーラス ハモ 코러스
    choir chor coro chœur koor kör chór хор 合唱 ooh aah
    """)
  private static let accompanimentWords = list(
    """
    bass basso baixo bajo bas бас ベース 贝斯 低音 베이스 base foot pedal
    contraba contreb kontrab контрабас
    chord akkord akkoord accords accordi acorde ackord akord аккорд コード 和弦 코드
    accomp begleit acomp akomp acc comp komp 伴奏 반주
    rhythm rythm ritm ритм rhy seq strum arp arpe арп アルペ 琶音 아르페
    pad pads string streich corde cuerda archi stråk smycz струнн nappe
    left link gauche sinistr izquierd esquerd лев vänst lew 左手 왼손 lh mg
    fx effect hit hits
    """)

  private static func list(_ words: String) -> [String] {
    words.split(whereSeparator: \.isWhitespace).map(String.init)
  }
}

extension String {
  /// Whether the text is in a script that puts no spaces between words: the code points from the
  /// radicals of Chinese characters on.
  fileprivate var isUnspaced: Bool { unicodeScalars.first.map { $0.value >= 0x2E80 } ?? false }
}
