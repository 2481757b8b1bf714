import AOT
import ArgumentParser
import CommandLineSupport
import Feedback
import Files
import Glibc
import Speculation
import Wasm

// `compile --ninja` and the steps of the build that it writes.

extension CompileCommand {
  func validateNinja() throws {
    guard ninja != nil else {
      guard step == nil else { throw ValidationError("--step is one of --ninja, which is missing") }
      return
    }
    if let step, CompileStep(step) == nil {
      throw ValidationError("--step: '\(step)' is not plan, partition-NUMBER or link")
    }
    // A step must do the same on every machine, whatever else is there.
    guard cpu != "native" else {
      let levels = CPUChoice.names.filter { $0 != "native" }.joined(separator: ", ")
      throw ValidationError("--ninja needs a --cpu that is the same on every machine: \(levels)")
    }
    guard profile != ["auto"] else {
      throw ValidationError("--ninja: --profile takes a file, or off")
    }
    guard dump.isEmpty && !stats && !json else {
      throw ValidationError("--ninja cannot be combined with --dump, --stats or --json")
    }
  }

  /// What the command writes.
  func outputFile(of step: CompileStep?, artefact: HostString) -> HostString {
    guard let ninja, step != .link else { return artefact }
    return step?.file(in: ninja) ?? NinjaFile.path(in: ninja)
  }

  /// - Returns: the build's contents. Its directory exists.
  func build(
    in directory: HostString, artefact: HostString, _ profiles: [HostString], partitionCount: Int
  ) throws -> [UInt8] {
    guard let executable = executablePath() else {
      throw Diagnostic("cannot find this executable's own path", status: .internalError)
    }
    // A profile beside the module is not looked for again by each step.
    let resolved = profile.isEmpty ? ["--profile", profiles.first ?? "off"] : []
    let build = NinjaFile(
      command: [executable] + resolved + processArguments().dropFirst(), directory: directory,
      inputs: [module] + profiles, artefact: artefact, partitionCount: partitionCount)
    guard build.isExpressible else {
      throw Diagnostic(
        "ninja cannot name a path with a line break or a |", at: "\(module)",
        help: "choose other paths", status: .usage)
    }
    guard directory.withCString({ mkdir($0, 0o777) }) == 0 || errno == EEXIST else {
      throw Diagnostic(writing: FileError(path: directory, operation: "make", errno: errno))
    }
    return build.contents
  }

  /// The plan that the first step made; nil if this is the first, or not a step.
  func readPlan(
    for step: CompileStep?, _ module: Module, _ profile: ModuleProfile
  ) throws -> CompilationPlan? {
    guard let ninja, let step, step != .plan else { return nil }
    let bytes = try readInput(CompileStep.plan.file(in: ninja))
    do throws(CompileError) {
      return try CompilationPlan(file: bytes, of: module, for: profile)
    } catch {
      throw diagnose(error)
    }
  }

  /// The files that the link needs.
  func readPartitions(_ count: Int) throws -> [[UInt8]] {
    try (0..<count).map { try readInput(CompileStep.partition($0).file(in: ninja ?? ".")) }
  }
}
