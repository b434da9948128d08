import Glibc
import SystemPackage

/// Another program that this one starts.
public enum ChildProcess {
  /// What a program gets as one of its standard descriptors.
  public enum Stream {
    case inherited
    /// /dev/null
    case null
    case descriptor(FileDescriptor)
  }

  /// What signals of the terminal the program is spared.
  public enum Separation {
    /// A process group of its own: ctrl-C does not reach it.
    case group
    /// A session of its own: nothing that stops or kills a pipeline reaches it.
    case session

    fileprivate var flag: Int16 {
      switch self {
      case .group: Int16(POSIX_SPAWN_SETPGROUP)
      // `POSIX_SPAWN_SETSID` of spawn.h, which shows it to GNU programs only.
      case .session: 0x80
      }
    }
  }

  /// Starts a program, and returns its process number.
  /// - Parameter arguments: the first is the name that the program knows itself by.
  public static func start(
    _ path: String, _ arguments: [String], separation: Separation, input: Stream, output: Stream,
    error: Stream = .inherited
  ) throws(Errno) -> pid_t {
    var attributes = posix_spawnattr_t()
    var actions = posix_spawn_file_actions_t()
    posix_spawnattr_init(&attributes)
    posix_spawn_file_actions_init(&actions)
    defer {
      posix_spawnattr_destroy(&attributes)
      posix_spawn_file_actions_destroy(&actions)
    }
    posix_spawnattr_setflags(&attributes, separation.flag)
    for (stream, standard) in [
      (input, STDIN_FILENO), (output, STDOUT_FILENO), (error, STDERR_FILENO),
    ] {
      switch stream {
      case .inherited: break
      case .null:
        let mode = standard == STDIN_FILENO ? O_RDONLY : O_WRONLY
        posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", mode, 0)
      case .descriptor(let descriptor):
        posix_spawn_file_actions_adddup2(&actions, descriptor.rawValue, standard)
      }
    }
    var process = pid_t()
    let words = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    let failure = posix_spawn(&process, path, &actions, &attributes, words, environ)
    guard failure == 0 else { throw Errno(rawValue: failure) }
    return process
  }
}

extension FileDescriptor {
  /// A pipe whose ends no program that is started inherits.
  public static func privatePipe() throws(Failure) -> (
    readEnd: FileDescriptor, writeEnd: FileDescriptor
  ) {
    do {
      let ends = try pipe()
      for end in [ends.readEnd, ends.writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
      return ends
    } catch {
      throw .io("make a pipe", error as? Errno ?? .badFileDescriptor)
    }
  }
}
