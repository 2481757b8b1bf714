import ArgumentParser
import Files

/// How long a guest may run; the same for `run` and `record`.
struct TimeOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Stops the guest after this time, with exit code 124: seconds (0.5), or with ms, s, m, h. \
      Includes loading.
      """, valueName: "time"))
  var timeout: String?

  func validate() throws {
    if let timeout, Self.duration(timeout) == nil {
      throw ValidationError("--timeout: '\(timeout)' is not a time; write 10, 0.5, 500ms or 2m")
    }
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
  var text: String {
    guard let timeout else { return "no time" }
    return timeout.last?.isLetter == true ? timeout : timeout + " s"
  }

  /// Nil without a limit. The time begins now.
  func start(_ path: HostString) -> GuestTime? {
    timeout.flatMap(Self.duration).map { GuestTime($0, shown: text, path: "\(path)") }
  }
}
