import Runtime

/// Everything observable about one run of a program.
public struct Observation {
  /// How it ended: its results, exit code, or trap with the places of its frames.
  public var ending: String
  /// Standard output.
  public var output: [UInt8]
  /// Standard error.
  public var errors: [UInt8]
  /// Nil if there is none, e.g. since a start function trapped. The store must be kept for as long as it is used.
  public var instance: Instance?
  /// Of ``instance``.
  public var store: Store?

  /// What was seen of a run.
  public init(
    ending: String, output: [UInt8], errors: [UInt8], instance: Instance?, store: Store?
  ) {
    self.ending = ending
    self.output = output
    self.errors = errors
    self.instance = instance
    self.store = store
  }

  /// How `other` differs from this one; empty if they are equal.
  public func differences(_ other: Observation) -> [String] {
    var result: [String] = []
    if ending != other.ending {
      result.append("ended with \(ending) on the baseline, here with \(other.ending)")
    }
    result += Self.difference("output", output, other.output)
    result += Self.difference("error output", errors, other.errors)
    switch (instance, other.instance) {
    case (let left?, let right?): result += StateComparison.differences(left, right)
    case (nil, nil): break
    default: result.append("only one of the runs was instantiated")
    }
    return result
  }

  private static func difference(_ name: String, _ left: [UInt8], _ right: [UInt8]) -> [String] {
    guard left != right else { return [] }
    let common = zip(left, right).prefix { $0 == $1 }.count
    func rest(_ bytes: [UInt8]) -> String {
      let part = bytes[common...].prefix(32)
      return part.isEmpty ? "its end" : "'\(String(decoding: part, as: UTF8.self))'"
    }
    return [
      "\(name), byte \(common): \(rest(left)) on the baseline, here \(rest(right))"
    ]
  }

  /// A trap as ``ending``: without tiers, and without frames if the stack was exhausted.
  public static func describe(_ trap: Trap) -> String {
    "trap: \(trap.message)" + places(trap.code == .stackOverflow ? [] : trap.frames)
  }

  /// The same for an exception that nothing caught.
  public static func describe(_ exception: Exception) -> String {
    exception.message + places(exception.frames)
  }

  private static func places(_ frames: [Trap.Frame]) -> String {
    frames.map { " at function \($0.function), byte \($0.byteOffset)" }.joined(separator: ",")
  }
}
