import Glibc
import Music
import RealTime

/// A value that threads share. A thread can wait until another one has changed it.
final class Monitor<Value>: @unchecked Sendable {
  private var value: Value
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init(_ value: Value) {
    self.value = value
    pthread_mutex_init(mutex, nil)
    // Deadlines must not depend on the time of day, which can be set.
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(change, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(change)
    pthread_mutex_destroy(mutex)
    change.deallocate()
    mutex.deallocate()
  }

  /// Reads or changes the value, and wakes the threads that wait.
  func withValue<Result>(_ body: (inout Value) -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    defer { pthread_cond_broadcast(change) }
    return body(&value)
  }

  /// Waits until the value meets a condition. Returns false if it does not by a time of CLOCK_MONOTONIC.
  @discardableResult
  func wait(
    until deadline: Microseconds? = nil, for condition: (inout Value) -> Bool
  ) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while !condition(&value) {
      guard let deadline else {
        pthread_cond_wait(change, mutex)
        continue
      }
      var time = timespec(deadline)
      if pthread_cond_timedwait(change, mutex, &time) == ETIMEDOUT { return condition(&value) }
    }
    return true
  }
}
