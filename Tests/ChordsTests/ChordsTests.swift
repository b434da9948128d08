import Testing

@testable import Chords
