import ArgumentParser
import CommandLineSupport
import Feedback
import Files
import Wasm

struct ProfileToHints: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "to-hints",
    abstract: "Write a module with a profile in the form that other engines read.",
    discussion: """
      The module gets the custom sections metadata.code.compilation_priority, branch_hint, instr_freq and call_targets of the branch-hinting and \
      compilation-hints proposals, in place of those that it has. It does the same as before.

      EXAMPLES:
        wasm-pgo profile to-hints app.wasm app.wasmprof -o hinted.wasm
        wasm-pgo profile to-hints app.wasm week.wasmprof -o site/app.wasm

      \(ExitStatus.table("0 success"))
      """)

  @Argument(help: "The module.", completion: .file(extensions: ["wasm"]))
  var module: HostString

  @Argument(help: "Its profile.", completion: .file(extensions: ["wasmprof"]))
  var profile: HostString

  @Option(name: .shortAndLong, help: "The module with hints.")
  var output: HostString

  func run() throws {
    var roles = FileRoles()
    roles.add(module, "the module")
    roles.add(profile, "the profile")
    try roles.check(output, "-o")
    let module = try loadModule(self.module)
    let matched = try MatchedProfile([profile], for: module)
    for warning in matched.warnings { Terminal.warn(warning) }
    try writeProfile(CodeHints(matched.profile, of: module).annotated(module), to: output)
  }
}

struct ProfileFromHints: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "from-hints",
    abstract: "Write a profile of the hints in a module, as V8 and toolchains make them.",
    discussion: """
      Hints know no counts: the profile has the proportions that they give, at most 2^40 entries of a function. Do not merge it with \
      recorded ones.

      EXAMPLES:
        wasm-pgo profile from-hints hinted.wasm -o app.wasmprof
        wasm-pgo profile from-hints from-v8.wasm -o v8.wasmprof

      \(ExitStatus.table("0 success"))
      """)

  @Argument(help: "The module.", completion: .file(extensions: ["wasm"]))
  var module: HostString

  @Option(name: .shortAndLong, help: "The profile.")
  var output: HostString

  func run() throws {
    var roles = FileRoles()
    roles.add(module, "the module")
    try roles.check(output, "-o")
    let module = try loadModule(self.module)
    let hints: CodeHints
    do throws(ProfileError) { hints = try CodeHints(reading: module) } catch {
      throw Diagnostic(
        error.message, at: "\(self.module)" + (error.offset.map { ", byte \($0)" } ?? ""),
        help: "remove or mend the module's metadata.code sections", status: .badInput)
    }
    guard hints != CodeHints() else {
      throw Diagnostic(
        "the module has no hints", at: "\(self.module)",
        help: "record a profile: wasm-pgo record \(self.module)", status: .badInput)
    }
    try writeProfile(ProfileFile(hints, of: module).encode(), to: output)
  }
}
