import AgentSettings
import CommandSupport
import Glibc
import Records
import SystemPackage

/// Where the settings go that people change in browsers: a pipe with a name or a file, which jam-agent
/// reads.
struct SettingsFile: Sendable {
  enum Answer: Hashable {
    case written
    /// It is no setting, or cannot be that.
    case refused(String)
    /// Nobody reads the pipe, or not fast enough.
    case unavailable(String)
  }

  let path: String

  /// Makes sure that it can be written, also while nobody reads it yet.
  static func open(_ path: String) throws(Failure) -> SettingsFile {
    let file = SettingsFile(path: path)
    do {
      try file.opened().close()
    } catch Errno.noSuchAddressOrDevice {
    } catch {
      throw .io("write to \(path)", error as? Errno ?? .ioError)
    }
    return file
  }

  /// Takes what a browser sent: a `set` record.
  func write(_ sent: [UInt8]) -> Answer {
    do {
      return write(try Self.setting(sent))
    } catch {
      return .refused("\(error)")
    }
  }

  /// The agent's own rules say what a setting may be; files are nothing that a browser may choose.
  static func setting(_ sent: [UInt8]) throws -> Record {
    let record = try Record(parsing: sent)
    guard case .set(let name, let value) = record.event else {
      throw RecordError(message: "expected a set record")
    }
    var settings = Settings()
    guard try settings.apply(name, value) else {
      throw RecordError(message: "expected a setting of the agent")
    }
    let isName = settings.model.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        || $0 == "-" || $0 == "_"
    }
    guard isName else { throw RecordError(message: "expected the name of a model") }
    // When it holds is the agent's to say.
    return Record(time: .zero, event: record.event)
  }

  private func write(_ record: Record) -> Answer {
    do {
      let descriptor = try opened()
      defer { try? descriptor.close() }
      // One short write: lines of several writers never mix.
      let line = RecordPrinter().line(record)
      let count = try line.withUnsafeBytes { try descriptor.write($0) }
      return count == line.count ? .written : .unavailable("there is no room")
    } catch Errno.noSuchAddressOrDevice {
      return .unavailable("no agent reads \(path)")
    } catch {
      return .unavailable("cannot write to \(path): \(error)")
    }
  }

  /// It neither waits for a reader nor for room.
  private func opened() throws -> FileDescriptor {
    try FileDescriptor.open(
      FilePath(path), .writeOnly, options: [.append, .create, .nonBlocking, .closeOnExec],
      permissions: [.ownerReadWrite, .groupRead, .otherRead])
  }
}
