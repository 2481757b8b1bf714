import ArgumentParser
import CommandLineSupport
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
    if let timeout, duration(timeout) == nil {
      throw ValidationError("--timeout: '\(timeout)' is not a time; write 10, 0.5, 500ms or 2m")
    }
  }

  /// With its unit.
  var text: String {
    guard let timeout else { return "no time" }
    return timeout.last?.isLetter == true ? timeout : timeout + " s"
  }

  /// Nil without a limit. The time begins now.
  func start(_ path: HostString) -> GuestTime? {
    timeout.flatMap(duration).map { GuestTime($0, shown: text, path: "\(path)") }
  }
}
