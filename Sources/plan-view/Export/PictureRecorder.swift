import Records

/// Writes nothing, and keeps what the picture at the end needs.
final class PictureRecorder: View {
  private(set) var history: SessionHistory

  init(_ history: SessionHistory) {
    self.history = history
  }

  func didReceive(_ record: Record, _ scene: Scene) -> String {
    history.receive(record, scene.state)
    return ""
  }

  func finish(_ scene: Scene) -> String { "" }
}
