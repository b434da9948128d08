import Glibc

/// Asks the kernel to run this process before others, and to keep its memory from being swapped
/// out.
public enum RealTimePriority {
  /// Above the kernel's threads for ordinary devices, below those of sound cards (rtirq gives these
  /// 80 and more).
  private static let priority: CInt = 70

  /// Requests both. Returns advice for the person if that is not allowed; nil if it is.
  public static func request() -> String? {
    var parameters = sched_param()
    parameters.sched_priority = priority
    // The flag keeps the priority from programs that this one starts.
    let isFirst = sched_setscheduler(0, SCHED_FIFO | resetOnFork, &parameters) == 0
    let isLocked = mlockall(MCL_CURRENT | MCL_FUTURE) == 0
    guard !isFirst || !isLocked else { return nil }
    let missing =
      isFirst ? "locked memory" : isLocked ? "priority" : "priority and locked memory"
    return "no permission for real-time \(missing):"
      + " \"@audio - rtprio 95\" and \"@audio - memlock unlimited\""
      + " in /etc/security/limits.d, and you in the group audio"
  }

  /// `SCHED_RESET_ON_FORK` of sched.h, which Swift does not import.
  private static let resetOnFork: CInt = 0x4000_0000
}
