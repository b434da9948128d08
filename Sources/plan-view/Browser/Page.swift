/// The page that browsers get: one document with its style sheet and its script inside.
enum Page {
  /// Comments in `page.html` mark the places of the other files.
  private static let document: String = {
    let parts = [
      "/* page.css */": PackageResources.page_css, "/* page.js */": PackageResources.page_js,
      "/* waterfall.js */": PackageResources.waterfall_js,
    ]
    return parts.reduce(text(PackageResources.page_html)) { page, part in
      page.replacing(part.key, with: text(part.value))
    }
  }()

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// The bytes of the page. A browser runs its script, and applies its style sheet, because they
  /// carry the nonce of the policy.
  static func bytes(nonce: String) -> [UInt8] {
    Array(document.replacing("NONCE", with: nonce).utf8)
  }

  /// What the page may do: run its own script, and talk to the server that it came from. Nothing
  /// else works, whatever might ever get into it.
  static func policy(nonce: String) -> String {
    "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; "
      + "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
      + "frame-ancestors 'none'"
  }
}
