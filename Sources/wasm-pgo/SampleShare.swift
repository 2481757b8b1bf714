import ArgumentParser

/// `1/N` of `--sample`.
struct SampleShare: ExpressibleByArgument, CustomStringConvertible {
  /// At least 1.
  var count: UInt64

  init?(argument: String) {
    guard argument.hasPrefix("1/"), let count = UInt64(argument.dropFirst(2)), count > 0 else {
      return nil
    }
    self.count = count
  }

  var description: String { "1/\(count)" }

  /// True for one of ``count`` processes, on average.
  func isChosen() -> Bool { UInt64.random(in: 1...count) == 1 }
}
