import Testing

@testable import CommandSupport
