import ArgumentParser
import Runtime

/// Limits on a guest's resources, the same for all commands that run one.
struct LimitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Maximum size of each of the guest's linear memories, in bytes or with K, M, G. (default: 4G; 16G with 64-bit addresses)",
      valueName: "size"))
  var maxMemory: String?

  @Option(
    help: ArgumentHelp(
      "Maximum number of elements in all the guest's tables, or with K, M, G. (default: 10000000)",
      valueName: "count"))
  var maxTableElements: String?

  @Option(
    help: ArgumentHelp("Size of the guest's stack, in bytes or with K, M, G.", valueName: "size"))
  var stackSize: String?

  func validate() throws {
    if let maxTableElements, Self.bytes(maxTableElements) == nil {
      throw ValidationError(
        "--max-table-elements: '\(maxTableElements)' is not a number; write 100000, 100K or 1M")
    }
    for (name, text) in [("--max-memory", maxMemory), ("--stack-size", stackSize)] {
      if let text, Self.bytes(text) == nil {
        throw ValidationError("\(name): '\(text)' is not a size; write 1048576, 1024K or 1M")
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

  var storeLimits: Store.Limits {
    var limits = Store.Limits()
    if let maxMemory, let bytes = Self.bytes(maxMemory) {
      limits.memoryPages = bytes >> 16
    }
    if let maxTableElements, let count = Self.bytes(maxTableElements) {
      limits.tableElements = count
    }
    if let stackSize, let bytes = Self.bytes(stackSize) { limits.stackSize = bytes }
    return limits
  }
}
