import CommandLineSupport
import Contract
import Feedback
import Files
import Forcing
import Glibc
import Runtime
import WASI
import Wasm

/// A program and the one run of it that a command makes.
final class Guest {
  let path: HostString
  let compiled: CompiledModule
  let artefact: Artefact?
  private let options: GuestOptions
  private let imports: GuestImports
  private let deoptBudget: Int?
  private(set) var statistics = RunStatistics()
  /// Whether the run is to count what guards miss.
  var countsMisses = false
  /// What they missed, after the run; nil before it was instantiated, and without ahead-of-time code.
  private(set) var misses: Result<(profile: ProfileFile, lost: UInt64), WasmError>?

  var module: Module { compiled.module }

  /// An artefact or a module, told apart by their first bytes.
  init(_ path: HostString, _ options: GuestOptions, forcing: ForcingOptions) throws {
    let start = monotonicNanoseconds()
    self.path = path
    self.options = options
    deoptBudget = forcing.budget
    let file = try ProgramFile(path)
    if file.isModule {
      guard !forcing.isForcing else {
        throw Diagnostic(
          "a module on the baseline has no guards to force", at: "\(path)",
          help: "compile it and run the artefact", status: .usage)
      }
      compiled = CompiledModule(try file.module())
      artefact = nil
    } else {
      var artefact = try file.artefact()
      if forcing.isForcing {
        artefact = try file.artefact(forcing: forcing.forcing(artefact.module))
      }
      if let site = artefact.forcedGuards?.unknownSites.first {
        throw Diagnostic(
          "--deopt-at: this function has no guard with a deopt at byte \(site.byteOffset)",
          at: "\(path)", help: "wasm-pgo inspect --guards lists the guards that can be forced",
          status: .usage)
      }
      compiled = CompiledModule(artefact: artefact)
      self.artefact = artefact
    }
    imports = try GuestImports(options.imports, guest: compiled.module)
    statistics.loadNanoseconds = monotonicNanoseconds() - start
  }

  init(recording recorder: Recorder, _ path: HostString, _ options: GuestOptions) throws {
    self.path = path
    self.options = options
    deoptBudget = nil
    compiled = CompiledModule(recorder: recorder)
    artefact = nil
    imports = try GuestImports(options.imports, guest: compiled.module, recordsLinks: false)
  }

  /// For `--no-jit`.
  func forbidExecutableMemory() throws(Diagnostic) {
    guard let artefact else {
      throw Diagnostic(
        "--no-jit: a module is compiled while it runs", at: "\(path)",
        help: "compile it and run the artefact", status: .usage)
    }
    if artefact.forcedGuards?.forcing.loopPeriod != nil {
      throw Diagnostic(
        "--no-jit: --osr-every changes baseline code, which is then compiled while it runs",
        at: "\(path)", status: .usage)
    }
    if let function = artefact.lazyFunctions.first {
      let name = module.functionName(function).map { " \"\($0)\"" } ?? ""
      throw Diagnostic(
        "--no-jit: the artefact has no baseline code of f\(function)\(name)", at: "\(path)",
        help: "compile the module again, without --lazy-baseline", status: .usage)
    }
    if let linked = imports.compiledAtRunTime {
      throw Diagnostic(
        "--no-jit: what is linked is compiled while it runs", at: "\(linked)",
        help: "link an artefact, compiled without --lazy-baseline", status: .usage)
    }
    do throws(ResourceError) { try ExecutableMemory.forbid(.process) } catch {
      throw Diagnostic("--no-jit: \(error.message)", at: "\(path)", status: .incompatible)
    }
  }

  /// - Parameter command: the one that runs it, for errors.
  /// - Returns: the exit code.
  func run(streams: StreamOptions, time: GuestTime?, command: String) throws -> Int32 {
    let start = monotonicNanoseconds()
    let store = try Store(limits: options.limits.storeLimits)
    var configuration = configuration(options.arguments, options.wasi)
    try streams.redirect(&configuration)
    let wasi: WASI
    do throws(WASIConfigurationError) { wasi = try WASI(configuration) } catch {
      throw Diagnostic(configuring: error, command: command)
    }
    try imports.check(module, at: path)
    let invocation = try Invocation(options.invoke, options.arguments, of: module, at: path)
    var instance: Instance?
    defer {
      statistics.runNanoseconds =
        monotonicNanoseconds() - start - statistics.instantiateNanoseconds
      statistics.collect(self, instance)
      if countsMisses { misses = instance.flatMap(Self.misses) }
    }
    do {
      return try time.limit(store) { () throws in
        let made = try imports.instantiate(compiled, in: store, wasi: wasi) { made in
          instance = made
          made.deoptBudget = deoptBudget
          made.countsMisses = countsMisses
          try time?.loadingIsDone()
        }
        statistics.instantiateNanoseconds = monotonicNanoseconds() - start
        let results = try invocation.call(in: made)
        if invocation.isNamed { try printOutput(results.map { "\($0.text)\n" }.joined()) }
        return 0
      }
    } catch let exit as WASIExit {
      return exit.status
    } catch let trap as Trap where trap.code == .interrupted {
      let place = trap.frames.isEmpty ? "" : ", in" + trap.frameLines
      throw Diagnostic(
        "the guest ran longer than \(time?.shown ?? "")\(place)", at: "\(path)",
        status: .timeout)
    } catch let error as ProfileError {
      throw Record.cannotMake(compiled.recorder?.path ?? path, error)
    } catch {
      throw Diagnostic(ending: path, error) ?? error
    }
  }

  private static func misses(
    of instance: Instance
  ) -> Result<(profile: ProfileFile, lost: UInt64), WasmError>? {
    do throws(WasmError) { return try instance.missProfile().map { .success($0) } } catch {
      return .failure(error)
    }
  }

  private func configuration(
    _ arguments: [HostString], _ options: WASIOptions
  ) -> WASIConfiguration {
    var configuration = options.configuration(of: path, arguments)
    configuration.inheritStandardStreams()
    configuration.passTerminalEscapes = options.allowEscapes
    return configuration
  }
}
