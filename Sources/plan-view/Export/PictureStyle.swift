/// How a picture looks. The colours are those of Okabe and Ito, which people with any colour vision
/// tell apart, mixed with white. The less a plan agrees with what was played, the darker it is; a
/// chord on another root is hatched, which also shows in black and white.
enum PictureStyle {
  static let sheet = """
    text{font-family:Helvetica,Arial,'DejaVu Sans',sans-serif;fill:#1a1a1a}
    .title{font-size:16px;font-weight:bold}
    .about,.figures{font-size:11.5px;fill:#444}
    .label{font-size:9.5px;fill:#666}
    .lane{text-anchor:end}
    .number{font-size:10px;fill:#444}
    .bar{stroke:#999;stroke-width:.8}
    .beat{stroke:#ccc;stroke-width:.4}
    .octave{stroke:#e4e4e4;stroke-width:.6}
    .note{fill:#1a1a1a}
    .revision{fill:#d55e00}
    .chord{fill:#8fc6ea;stroke:#1a1a1a;stroke-width:.8}
    .silence{fill:#fff;stroke:#999}
    .name{font-weight:bold;text-anchor:middle}
    .again{fill:#666;font-weight:normal}
    .plan{font-size:9px;text-anchor:middle;stroke:#fff;stroke-width:2.5px;paint-order:stroke;\
    stroke-linejoin:round}
    .agrees{fill:#d9ecf8;stroke:#fff;stroke-width:.8}
    .sameRoot{fill:#edb44a;stroke:#fff;stroke-width:.6}
    .other{fill:url(#hatch);stroke:#fff;stroke-width:.6}
    .commit{fill:none;stroke:#0072b2;stroke-width:1.2;stroke-dasharray:5 2.5}
    """

  /// The width that a text takes at most in a common font.
  static func width(of text: String, size: Double) -> Double {
    0.68 * size * Double(columnCount(text))
  }
}

/// A length as SVG has it, with at most two decimals.
func coordinate(_ value: Double) -> String { decimal(value, places: 2) }
