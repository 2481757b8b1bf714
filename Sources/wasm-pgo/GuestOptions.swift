import ArgumentParser
import Files

/// What the guest gets, and what it may use: the same for all commands that run one.
struct GuestOptions: ParsableArguments {
  @Argument(help: "Arguments for the guest, after --.")
  var arguments: [HostString] = []

  @Option(
    help: ArgumentHelp(
      """
      Calls this export with the arguments, and prints its results. A reactor is initialized first.
      """, valueName: "name"))
  var invoke: HostString?

  @OptionGroup(title: "WASI")
  var wasi: WASIOptions

  @OptionGroup(title: "Other imports")
  var imports: ImportOptions

  @OptionGroup(title: "Limits")
  var limits: LimitOptions
}
