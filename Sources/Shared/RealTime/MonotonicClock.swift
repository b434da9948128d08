import Glibc
import Music

/// CLOCK_MONOTONIC: the one clock of all live tools on a machine. Nobody can set it.
public enum MonotonicClock {
  public static var now: Microseconds {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Microseconds(Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000)
  }

  /// Makes the waits of this process end within microseconds of their deadlines. By default the
  /// kernel takes up to 50 us more, to bundle the wake-ups of many programs. A kernel without this
  /// setting is left as it is.
  public static func reduceTimerSlack() {
    let file = open("/proc/self/timerslack_ns", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = write(file, "1000", 4)
    close(file)
  }
}

extension timespec {
  /// A time of CLOCK_MONOTONIC, or a length of time, as C functions take it.
  public init(_ time: Microseconds) {
    self.init(
      tv_sec: Int(time.rawValue / 1_000_000), tv_nsec: Int(time.rawValue % 1_000_000) * 1000)
  }
}
