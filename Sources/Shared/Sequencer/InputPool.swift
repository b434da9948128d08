import Glibc

/// The kernel's figures for a client's input pool, in cells. An event takes one cell, or more if it
/// is long.
struct InputPool: Hashable {
  /// Cells that wait to be read.
  var waiting: Int
  /// Cells that were allocated since the client came.
  var allocated: Int
  /// Allocations that were refused since the client came.
  var refused: Int

  /// The present figures; nil if the kernel does not give them.
  static func current(ofClient client: Int) -> InputPool? {
    guard let file = fopen("/proc/asound/seq/clients", "re") else { return nil }
    defer { fclose(file) }
    var lines: [String] = []
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    while getline(&line, &capacity, file) > 0 { lines.append(String(cString: line!)) }
    free(line)
    return InputPool(ofClient: client, in: lines)
  }

  /// - Parameter lines: the lines of /proc/asound/seq/clients.
  init?(ofClient client: Int, in lines: [String]) {
    guard
      let start = lines.firstIndex(where: {
        $0.words.prefix(2).elementsEqual(["Client", "\(client)"])
      })
    else { return nil }
    let own = lines[(start + 1)...].prefix { !$0.hasPrefix("Client") }
    let pool = own.drop { !$0.words.prefix(2).elementsEqual(["Input", "pool"]) }
    func value(_ name: String) -> Int? {
      pool.first { $0.words.starts(with: name.words) }?.words.last.flatMap { Int($0) }
    }
    guard let waiting = value("Cells in use"), let allocated = value("Alloc success"),
      let refused = value("Alloc failures")
    else { return nil }
    (self.waiting, self.allocated, self.refused) = (waiting, allocated, refused)
  }
}

extension String {
  fileprivate var words: [Substring] { split { " :\n".contains($0) } }
}
