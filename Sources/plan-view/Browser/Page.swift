/// The page, which is all that a browser gets beside the stream.
enum Page {
  /// Its bytes, whose scripts and styles may be run by who knows the nonce.
  static func bytes(nonce: String) -> [UInt8] {
    let text = String(decoding: PackageResources.page_html, as: UTF8.self)
    let parts = text.split(separator: "NONCE", omittingEmptySubsequences: false)
    return Array(parts.joined(separator: nonce).utf8)
  }

  /// What the page may do: run what is in it, and talk to where it came from. No more, whatever
  /// should ever get into it.
  static func policy(nonce: String) -> String {
    "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; "
      + "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
      + "frame-ancestors 'none'"
  }
}
