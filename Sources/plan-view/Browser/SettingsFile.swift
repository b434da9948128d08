import AgentSettings
import CommandSupport
import Glibc
import Records
import SystemPackage

/// The named pipe or file that takes the settings that people change in browsers. jam-agent reads
/// it.
struct SettingsFile: Sendable {
  enum Answer: Hashable {
    case written
    /// It is no setting of the agent, or a value that the setting cannot have.
    case refused(String)
    /// No program reads the pipe, or not fast enough.
    case unavailable(String)
  }

  let path: String

  /// Makes sure that the file can be written. A pipe may still lack its reader.
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

  /// Writes what a browser sent, if it is a `set` record.
  func write(_ sent: [UInt8]) -> Answer {
    do {
      return write(try Self.setting(sent))
    } catch {
      return .refused("\(error)")
    }
  }

  /// The record of a setting that the agent would accept. A browser may choose a model by name but
  /// not by path.
  static func setting(_ sent: [UInt8]) throws -> Record {
    let record = try Record(parsing: sent)
    guard case .set(let name, let value) = record.event else {
      throw RecordError(message: "expected a set record")
    }
    guard let definition = Settings.table.first(where: { $0.name == name }) else {
      throw RecordError(message: "expected a setting of the agent")
    }
    // Whether it goes together with the other settings, only the agent knows.
    var settings = Settings()
    try definition.set(value, in: &settings)
    let isName = settings.model.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        || $0 == "-" || $0 == "_"
    }
    guard isName else { throw RecordError(message: "expected the name of a model") }
    // The agent gives it the time at which it takes effect.
    return Record(time: .zero, event: record.event)
  }

  private func write(_ record: Record) -> Answer {
    do {
      let descriptor = try opened()
      defer { try? descriptor.close() }
      // One short write, so that the lines of several writers never mix.
      let line = RecordPrinter().line(record)
      let count = try line.withUnsafeBytes { try descriptor.write($0) }
      return count == line.count ? .written : .unavailable("there is no room")
    } catch Errno.noSuchAddressOrDevice {
      return .unavailable("no agent reads \(path)")
    } catch {
      return .unavailable("cannot write to \(path): \(error)")
    }
  }

  /// Opens the file for writes that wait neither for a reader nor for room.
  private func opened() throws -> FileDescriptor {
    try FileDescriptor.open(
      FilePath(path), .writeOnly, options: [.append, .create, .nonBlocking, .closeOnExec],
      permissions: [.ownerReadWrite, .groupRead, .otherRead])
  }
}
