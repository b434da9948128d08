import Glibc
import SystemPackage

/// The terminal that a view is drawn on, and what it can do.
struct ScreenTerminal {
  let descriptor: FileDescriptor
  /// Whether the cursor can be moved on it.
  let canRedraw: Bool
  /// Whether colours, bold and faint text are wanted (https://no-color.org).
  let isStyled: Bool
  let isUTF8: Bool
  let colorDepth: ColorDepth

  init(_ descriptor: FileDescriptor, environment: (String) -> String?) {
    self.descriptor = descriptor
    let type = environment("TERM") ?? ""
    canRedraw = isatty(descriptor.rawValue) == 1 && !type.isEmpty && type != "dumb"
    isStyled = (environment("NO_COLOR") ?? "").isEmpty
    let colors = environment("COLORTERM") ?? ""
    colorDepth = ["truecolor", "24bit"].contains(colors) ? .trueColor : .indexed256
    // As locale(7) has it, the first of them that is set decides.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(environment).first { !$0.isEmpty }
    let name = (locale ?? "").lowercased()
    isUTF8 = name.contains("utf-8") || name.contains("utf8")
  }

  /// The terminal's size now, or the width that the user chose.
  func size(columns: Int?) -> (columns: Int, rows: Int) {
    var window = winsize()
    let isKnown = ioctl(descriptor.rawValue, UInt(TIOCGWINSZ), &window) == 0 && window.ws_col > 0
    guard isKnown else { return (columns ?? 80, 24) }
    return (columns ?? Int(window.ws_col), max(2, Int(window.ws_row)))
  }

  /// Opens the terminal once more, for writes that do not wait: the viewer must go on while the
  /// user holds the terminal's output back with ctrl-S. Making the shared descriptor non-blocking
  /// would surprise the other programs of the pipeline.
  func outlet() -> Outlet {
    if isatty(descriptor.rawValue) == 1, let name = ttyname(descriptor.rawValue) {
      let flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
      let own = open(name, flags)
      if own >= 0 { return Outlet(FileDescriptor(rawValue: own)) }
    }
    return Outlet(descriptor)
  }
}
