import CommandSupport
import SystemPackage

/// The file of a picture, which appears once it is whole.
struct PictureFile: ~Copyable {
  enum Format: String, CaseIterable {
    case svg, png
  }

  private let file: TemporaryFile
  /// Nil for SVG.
  private let renderer: PNGRenderer?

  /// The format that the path's ending stands for; nil for other endings.
  static func format(of path: String) -> Format? {
    FilePath(path).extension.flatMap { Format(rawValue: $0.lowercased()) }
  }

  /// Opens the file. Whatever would keep the picture from being made or written fails here, before
  /// any input is read.
  static func open(_ path: String) throws(Failure) -> PictureFile {
    guard let format = format(of: path) else {
      throw .usage("expected --export with a name that ends in .svg or .png")
    }
    let renderer = format == .png ? try PNGRenderer.load() : nil
    return PictureFile(file: try TemporaryFile.beside(path), renderer: renderer)
  }

  private init(file: consuming TemporaryFile, renderer: PNGRenderer?) {
    self.file = file
    self.renderer = renderer
  }

  /// Draws and writes the picture, and gives the scale of a PNG: the wanted one, or the largest
  /// that the limits allow.
  consuming func write(_ history: SessionHistory, scale: Double) throws(Failure) -> Double {
    let svg = PicturePainter.svg(of: history)
    let (width, height) = (PictureLayout.width, PictureLayout(history).height)
    let scale = PNGRenderer.scale(scale, width: width, height: height)
    if let renderer {
      try file.write(try renderer.png(of: svg, width: width, height: height, scale: scale))
    } else {
      try file.write(svg.utf8)
    }
    try file.commit()
    return scale
  }
}
