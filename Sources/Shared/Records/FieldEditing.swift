import JSONText

extension [UInt8] {
  /// Sets a field of the one JSON object in these bytes, which were read as a record. A field that
  /// is missing is added at the end; all other bytes stay as they are.
  public mutating func setField(_ name: String, to value: SettingValue) {
    let text = [UInt8](capacity: value.longest) { $0.append(value) }
    if let range = rangeOfField(name) {
      replaceSubrange(range, with: text)
    } else if let end = lastIndex(of: .closeBrace) {
      insert(contentsOf: ",\(name.quotedAsJSON):".utf8 + text, at: end)
    }
  }

  /// Where the value of a field of the outermost object stands. Of fields with one name the last
  /// counts, as for the reader.
  private func rangeOfField(_ name: String) -> Range<Int>? {
    withUnsafeBytes { line in
      var scanner = JSONScanner(line)
      var range: Range<Int>?
      try? scanner.forEachMember { key, value throws(JSONError) in
        if key.text(in: line) == name { range = value.range }
      }
      return range
    }
  }
}
