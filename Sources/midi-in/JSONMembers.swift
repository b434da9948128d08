extension [UInt8] {
  /// Sets a member of the one JSON object that these bytes, a line that was read as a record, hold.
  /// One that is not there is added at the end; all other bytes stay.
  mutating func setMember(_ name: String, to value: String) {
    if let range = rangeOfValue(of: name) {
      replaceSubrange(range, with: value.utf8)
    } else if let end = lastIndex(of: UInt8(ascii: "}")) {
      insert(contentsOf: ",\"\(name)\":\(value)".utf8, at: end)
    }
  }

  /// Where the value of a member of the outermost object stands.
  private func rangeOfValue(of name: String) -> Range<Int>? {
    let key = Array(("\"" + name + "\"").utf8)
    var index = 0
    var depth = 0
    while index < count {
      switch self[index] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: "\""):
        let end = endOfString(from: index)
        if depth == 1, self[index..<end].elementsEqual(key), let value = valueStart(after: end) {
          return value..<endOfValue(from: value)
        }
        index = end
        continue
      default: break
      }
      index += 1
    }
    return nil
  }

  /// Just past the string that begins at `start`.
  private func endOfString(from start: Int) -> Int {
    var index = start + 1
    while index < count, self[index] != UInt8(ascii: "\"") {
      index += self[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return Swift.min(index + 1, count)
  }

  /// Where the value begins, if a colon follows: else the string was no key.
  private func valueStart(after key: Int) -> Int? {
    let colon = skippingSpace(from: key)
    guard colon < count, self[colon] == UInt8(ascii: ":") else { return nil }
    return skippingSpace(from: colon + 1)
  }

  private func skippingSpace(from start: Int) -> Int {
    self[start...].firstIndex { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") } ?? count
  }

  /// Just past a string or a number.
  private func endOfValue(from start: Int) -> Int {
    if self[start] == UInt8(ascii: "\"") { return endOfString(from: start) }
    let ends = [UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: " "), UInt8(ascii: "\t")]
    return self[start...].firstIndex { ends.contains($0) } ?? count
  }
}
