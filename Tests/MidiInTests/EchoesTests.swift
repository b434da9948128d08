import Music
import Testing

@testable import midi_in

@Suite struct EchoesTests {
  static let on = ChannelMessage.noteOn(
    Note(channel: Channel(2)!, pitch: Pitch(60)!, velocity: Velocity(72)!))

  @Test("takes each sent message for an echo once")
  func whatWasSentComesBackOnce() {
    var echoes = Echoes()
    echoes.sent(Self.on, at: .zero)
    let (first, second) = (
      echoes.isEcho(Self.on, at: Microseconds(500)), echoes.isEcho(Self.on, at: Microseconds(600))
    )
    #expect(first && !second)
  }

  @Test("takes no message for an echo after 100 ms")
  func whatComesMuchLaterWasPlayed() {
    var echoes = Echoes()
    echoes.sent(Self.on, at: .zero)
    let isEcho = echoes.isEcho(Self.on, at: Microseconds(200_000))
    #expect(!isEcho)
  }
}
