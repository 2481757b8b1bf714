import ArgumentParser
import Runtime

/// Bounds on what a guest may use; the same for `run` and `record`.
struct LimitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Most memory that the guest's linear memory may grow to: bytes, or with K, M, G.",
      valueName: "size"))
  var maxMemory: String?

  @Option(
    help: ArgumentHelp("Size of the guest's stack: bytes, or with K, M, G.", valueName: "size"))
  var stackSize: String?

  @Option(
    help: ArgumentHelp(
      """
      Ends the guest after this time, with exit code 124: seconds (0.5), or with ms, s, m, h. \
      Loading and compiling do not count.
      """, valueName: "time"))
  var timeout: String?

  func validate() throws {
    if let timeout, Self.duration(timeout) == nil {
      throw ValidationError("--timeout: '\(timeout)' is no time; write 10, 0.5, 500ms or 2m")
    }
    for (name, text) in [("--max-memory", maxMemory), ("--stack-size", stackSize)] {
      if let text, Self.bytes(text) == nil {
        throw ValidationError("\(name): '\(text)' is no size; write 1048576, 1024K or 1M")
      }
    }
    if let stackSize, let bytes = Self.bytes(stackSize), !(1 << 18...1 << 30).contains(bytes) {
      throw ValidationError("--stack-size: from 256K to 1G")
    }
  }

  static func bytes(_ text: String) -> Int? {
    let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    let unit = text.last.flatMap { units[$0] }
    guard let count = Int(unit == nil ? text[...] : text.dropLast()), count >= 0 else { return nil }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: unit ?? 1)
    return overflow ? nil : bytes
  }

  /// At most a hundred years.
  static func duration(_ text: String) -> Duration? {
    let units: [(name: String, seconds: Double)] = [
      ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600),
    ]
    let unit = units.first { text.hasSuffix($0.name) }
    guard let number = Double(text.dropLast(unit?.name.count ?? 0)),
      case let seconds = number * (unit?.seconds ?? 1), (0...3.2e9).contains(seconds)
    else { return nil }
    return .seconds(seconds)
  }

  /// With its unit.
  var timeoutText: String {
    guard let timeout else { return "no time" }
    return timeout.last?.isLetter == true ? timeout : timeout + " s"
  }

  /// Runs `body` within the time that its calls of guest code may take.
  func limit<R>(_ store: Store, _ body: () throws -> R) throws -> R {
    guard let timeout, let duration = Self.duration(timeout) else { return try body() }
    return try store.withTimeout(duration, body)
  }

  var storeLimits: Store.Limits {
    var limits = Store.Limits()
    if let maxMemory, let bytes = Self.bytes(maxMemory) {
      limits.memoryPages = min(65_536, bytes >> 16)
    }
    if let stackSize, let bytes = Self.bytes(stackSize) { limits.stackSize = bytes }
    return limits
  }
}
