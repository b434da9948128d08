import CRsvg
import CommandSupport

/// The only user of librsvg: draws an SVG document as a PNG.
struct PNGRenderer {
  /// The longest edge that Cairo draws, in pixels.
  static let longestEdge = 32_767.0
  /// The most pixels of a picture; they take 256 MiB.
  static let mostPixels = Double(1 << 26)

  private let functions: jamline_rsvg

  static func load() throws(Failure) -> PNGRenderer {
    let functions = UnsafeMutablePointer<jamline_rsvg>.allocate(capacity: 1)
    defer { functions.deallocate() }
    if let reason = jamline_rsvg_load(functions) {
      throw .unavailable(
        "load librsvg, which draws PNG",
        "\(String(cString: reason)) (Debian's package librsvg2-2 has it)")
    }
    return PNGRenderer(functions: functions.pointee)
  }

  /// The pixels for each unit of a document: as many as are wanted, or as the limits allow.
  static func scale(_ wanted: Double, width: Double, height: Double) -> Double {
    let most = min(
      longestEdge / max(width, height), (mostPixels / (width * height)).squareRoot())
    return wanted <= most ? wanted : (most * 100).rounded(.down) / 100
  }

  /// The bytes of the PNG file. Width and height are those of the document.
  func png(
    of svg: String, width: Double, height: Double, scale: Double
  ) throws(Failure) -> [UInt8] {
    let (width, height) = ((width * scale).rounded(.up), (height * scale).rounded(.up))
    let surface = functions.cairo_image_surface_create(
      Int32(JAMLINE_CAIRO_RGB24), Int32(width), Int32(height))
    defer { functions.cairo_surface_destroy(surface) }
    try check(functions.cairo_surface_status(surface))
    try draw(svg, on: surface, width: width, height: height)
    return try bytes(of: surface)
  }

  private func draw(
    _ svg: String, on surface: OpaquePointer, width: Double, height: Double
  ) throws(Failure) {
    let document = Array(svg.utf8)
    var error: UnsafeMutablePointer<jamline_glib_error>?
    guard let handle = functions.rsvg_handle_new_from_data(document, document.count, &error) else {
      throw failure(error)
    }
    defer { functions.g_object_unref(UnsafeMutableRawPointer(handle)) }
    let cairo = functions.cairo_create(surface)
    defer { functions.cairo_destroy(cairo) }
    var viewport = jamline_rsvg_rectangle(x: 0, y: 0, width: width, height: height)
    guard functions.rsvg_handle_render_document(handle, cairo, &viewport, &error) != 0 else {
      throw failure(error)
    }
    try check(functions.cairo_status(cairo))
  }

  private func bytes(of surface: OpaquePointer) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    let status = withUnsafeMutablePointer(to: &bytes) { context in
      functions.cairo_surface_write_to_png_stream(
        surface,
        { context, block, count in
          context!.assumingMemoryBound(to: [UInt8].self).pointee
            .append(contentsOf: UnsafeBufferPointer(start: block, count: Int(count)))
          return Int32(JAMLINE_CAIRO_SUCCESS)
        }, context)
    }
    try check(status)
    return bytes
  }

  private func check(_ status: Int32) throws(Failure) {
    guard status != Int32(JAMLINE_CAIRO_SUCCESS) else { return }
    let reason = String(cString: functions.cairo_status_to_string(status))
    throw .internalError("cannot draw the picture: \(reason)")
  }

  private func failure(_ error: UnsafeMutablePointer<jamline_glib_error>?) -> Failure {
    guard let error else { return .internalError("cannot draw the picture: no reason given") }
    defer { functions.g_error_free(error) }
    return .internalError("cannot draw the picture: \(String(cString: error.pointee.message))")
  }
}
