import Records

/// Shows nothing while the stream lasts, and keeps what a picture needs.
final class PictureRecorder: View {
  private(set) var history: SessionHistory

  init(_ history: SessionHistory) {
    self.history = history
  }

  func receive(_ record: Record) -> String {
    history.receive(record)
    return ""
  }

  func finish() -> String { "" }
}
