import Music
import Testing

@testable import midi_out

@Suite struct TopLineTests {
  private func note(_ pitch: Int, _ channel: Int = 1) -> Note {
    Note(channel: Channel(channel)!, pitch: Pitch(pitch)!, velocity: Velocity(80)!)
  }

  @Test("has the lowest note of the top line since a frame, with the one that sounded then")
  func findsLowest() {
    var line = TopLine()
    #expect(line.lowest(since: Frame(0)) == nil)
    for (frame, pitch) in [(0, 60), (4, 72), (8, 67)] {
      line.receive(.noteOn(note(pitch)), at: Frame(frame))
      line.receive(.noteOff(note(pitch)), at: Frame(frame + 3))
    }
    let lowest = [0, 3, 4, 7, 8, 99].map { line.lowest(since: Frame($0))?.rawValue }
    #expect(lowest == [60, 60, 67, 67, 67, 67])
  }

  @Test("leaves out notes below another one, and drums")
  func leavesOutLowerNotes() {
    var line = TopLine()
    line.receive(.noteOn(note(72)), at: Frame(0))
    line.receive(.noteOn(note(48)), at: Frame(1))
    line.receive(.noteOn(note(36, 10)), at: Frame(2))
    #expect(line.lowest(since: Frame(0)) == Pitch(72))
    line.receive(.noteOff(note(72)), at: Frame(3))
    line.receive(.noteOn(note(50)), at: Frame(4))
    #expect(line.lowest(since: Frame(2)) == Pitch(50))
  }
}
