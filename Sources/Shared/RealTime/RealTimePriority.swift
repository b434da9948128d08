import Glibc

/// Asks the kernel to let this process run before others, and never to wait for memory.
public enum RealTimePriority {
  /// Above the kernel's threads for ordinary devices, below those of sound cards (rtirq gives these 80
  /// and more).
  private static let priority: CInt = 70

  /// Asks for it. Returns what a person can do about it where it is not allowed.
  public static func request() -> String? {
    var parameters = sched_param()
    parameters.sched_priority = priority
    // What it starts gets no such priority.
    let isFirst = sched_setscheduler(0, SCHED_FIFO | resetOnFork, &parameters) == 0
    let isLocked = mlockall(MCL_CURRENT | MCL_FUTURE) == 0
    guard !isFirst || !isLocked else { return nil }
    let missing =
      isFirst ? "locked memory" : isLocked ? "priority" : "priority and locked memory"
    return "no permission for real-time \(missing):"
      + " \"@audio - rtprio 95\" and \"@audio - memlock unlimited\""
      + " in /etc/security/limits.d, and you in the group audio"
  }

  /// `SCHED_RESET_ON_FORK` of sched.h, which is a number there that Swift does not read.
  private static let resetOnFork: CInt = 0x4000_0000
}
