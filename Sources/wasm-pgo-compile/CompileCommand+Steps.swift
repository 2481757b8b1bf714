import AOT
import CommandLineSupport
import Feedback
import Files
import Glibc
import Speculation
import WASI
import Wasm

// What `compile` does once its options are checked.

extension CompileCommand {
  /// - Parameter step: the only step to take; nil: all.
  func compile(
    _ module: Module, _ plan: CompilationPlan, _ profile: ModuleProfile, _ cache: PartitionCache?,
    _ step: CompileStep?, _ record: CompileRecord, isShared: Bool
  ) throws -> [UInt8] {
    var options = CompilerOptions(
      cpu: CPUChoice(cpu) ?? .native, isShared: isShared,
      jobs: jobs ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    options.symbol = symbol
    options.plannerOptions =
      "-O\(optimization)" + (tierThreshold.map { " --tier-threshold \($0)" } ?? "")
    options.hasDebugInfo = debugInfo
    options.demangles = demangle
    options.isVerifying = verify
    options.includesBaseline = !lazyBaseline
    options.relaxed = relaxedSimd == .deterministic ? .deterministic : nil
    options.limits.time = functionTimeLimit == 0 ? nil : .seconds(functionTimeLimit)
    options.limits.memory = memoryLimit == 0 ? nil : memoryLimit << 20
    options.dump = DumpOptions(
      function: try function.map { try index(ofFunction: $0, module) },
      stages: Set(dump.compactMap { DumpOptions.Stage(rawValue: $0) }))
    if stats && cache != nil {
      options.cacheReport = { found, total in
        Terminal.write("from the cache   \(found) of \(total) parts\n")
      }
    }
    options.cache = cache
    options.willLink = { record.end("optimizing") }
    let line = ProgressLine("compiling \(self.module)", isEnabled: !quiet && !verbose)
    options.baselineReport = { row in
      let index = Int(row.function)
      let name = module.functionName(index).map { " \"\($0)\"" } ?? ""
      let warning = "f\(index)\(name) is baseline code: \(row.reason)"
      record.fallBack(index, warning)
      line.finish()
      Terminal.warn(warning)
    }
    let file = self.module
    options.sourceReport = { problem in
      line.finish()
      Terminal.warn("\(file): \(problem)")
    }
    let verbose = self.verbose
    options.started = { functions in
      let names = functions.prefix(1).map { module.functionName($0) ?? "f\($0)" }
      let more = functions.count > 1 ? " and \(functions.count - 1) more" : ""
      let shown = names.joined() + more
      if verbose { record.log("compiling \(shown)") }
      line.update(item: shown)
    }
    if !quiet { options.progress = { done, total in line.update(done, of: total) } }
    defer { line.finish() }
    let compilation = Compilation(module, plan: plan, profile: profile, options: options)
    let partitions = step == .link ? try readPartitions(compilation.partitionCount) : []
    do throws(CompileError) {
      switch step {
      case nil: return try compilation.artefact()
      case .plan: return compilation.planFile
      case .partition(let number): return try compilation.partitionFile(number)
      case .link: return try compilation.link(files: partitions)
      }
    } catch {
      throw diagnose(error)
    }
  }

  /// None for a dump: what is printed must be compiled.
  func openCache() throws -> PartitionCache? {
    guard let cache, dump.isEmpty else { return nil }
    do throws(FileError) { return try PartitionCache(directory: cache) } catch {
      throw Diagnostic(
        "cannot \(error.operation) the cache: \(error.code)", at: "\(error.path)",
        help: "choose a writable directory with --cache", status: .cannotCreate)
    }
  }

  /// Of a function that the module defines.
  func index(ofFunction text: String, _ module: Module) throws -> Int {
    let defined = module.importedFunctionCount..<module.functions.count
    let index = Int(text) ?? defined.first { module.functionName($0) == text }
    guard let index, defined.contains(index) else {
      throw Diagnostic(
        "the module defines no function \(text)", at: "\(self.module)",
        help:
          "it defines \(defined.isEmpty ? "none" : "functions \(defined.lowerBound) to \(defined.upperBound - 1)")",
        status: .usage)
    }
    return index
  }

  static func range(_ text: String) -> ClosedRange<Int>? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let first = parts[0], let last = parts[1], first <= last else {
      return nil
    }
    return first...last
  }

  func diagnose(_ error: CompileError) -> Diagnostic {
    switch error {
    case .unsupported(let what, let function, let byteOffset):
      Diagnostic(
        "\(what) is not supported", at: "\(module), function \(function), byte \(byteOffset)",
        status: .badInput)
    case .module: Diagnostic("\(error)", at: "\(module)", status: .badInput)
    case .input:
      Diagnostic(
        "\(error)", at: "\(module)", help: "build all steps with ninja", status: .badInput)
    case .llvm, .plan:
      Diagnostic(
        "\(error)", at: "\(module)",
        help: "this is an internal error; please report it with the module and the profile",
        status: .internalError)
    case .system: Diagnostic("\(error)", at: "\(module)", status: .outputError)
    case .missingTool:
      Diagnostic(
        "\(error)", at: "\(module)",
        help: "install it, on Debian with: apt-get install binutils", status: .incompatible)
    case .interrupted(SIGALRM):
      Diagnostic(
        "not compiled within \(timeout ?? "the time")", at: "\(module)",
        help: "a higher --timeout or a lower -O", status: .timeout)
    case .interrupted(let signal): endProcess(by: signal)
    }
  }

  var profilePaths: [HostString] {
    switch profile {
    case ["off"]: return []
    case [], ["auto"]:
      let path = stem(self.module) + ".wasmprof"
      return fileExists(path) ? [path] : []
    default: return profile
    }
  }

  /// What the artefact needs besides WASI.
  func importWarnings(_ module: Module) -> [String] {
    let foreign = module.imports.filter { !WASI.provides($0, of: module) }
    if foreign.isEmpty { return [] }
    let names = foreign.map { "\($0.module).\($0.name)" }
    let shown = 50
    let more = names.count > shown ? " and \(names.count - shown) more" : ""
    return [
      "\(self.module): imports that WASI preview 1 does not provide: "
        + names.prefix(shown).joined(separator: ", ") + more
        + "; the artefact needs them of run --imports or --link, or of a host program"
    ]
  }

  func report(_ summary: CompileSummary, _ warnings: [String]) throws {
    if json {
      let fallen = summary.record.fallenBack.map(\.warning)
      try printOutput(summary.json(warnings: warnings + fallen).document)
    } else if stats {
      Terminal.write(summary.text)
    } else if !quiet {
      Terminal.write("\(summary.line)\n")
    }
  }
}
