import Glibc

/// Waits for something that is to come about, however long a busy machine takes for it.
/// - Returns: false if it did not come about in an hour, which is for things that never will.
public func waitUntil(_ condition: () throws -> Bool) rethrows -> Bool {
  var pause: UInt32 = 100
  var waited: UInt32 = 0
  while try !condition() {
    guard waited < 3_600_000_000 else { return false }
    usleep(pause)
    waited += pause
    // Polling takes little of the time that others need.
    pause = min(pause + pause / 4, 20_000)
  }
  return true
}
