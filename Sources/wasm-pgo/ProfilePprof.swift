import ArgumentParser
import CommandLineSupport
import Feedback
import Files
import Pprof
import Wasm

struct ProfileToPprof: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "to-pprof",
    abstract: "Write a profile as pprof reads it.",
    discussion: """
      Samples are functions with their events (entries, iterations, calls), and calls with their callers; lines are byte offsets in the module.

      EXAMPLES:
        wasm-pgo profile to-pprof app.wasm app.wasmprof -o app.pb.gz
        wasm-pgo profile to-pprof app.wasm app.wasmprof --stats stats.json -o app.pb.gz

      \(ExitStatus.table("0 success"))
      """)

  @Argument(help: "The module.", completion: .file(extensions: ["wasm"]))
  var module: HostString

  @Argument(help: "Its profile.", completion: .file(extensions: ["wasmprof"]))
  var profile: HostString

  @Option(
    help: ArgumentHelp(
      "What run --stats=json printed: adds deopts, with the calls that they were inlined into.",
      valueName: "file"))
  var stats: HostString?

  @Option(name: .shortAndLong, help: "The file for pprof, packed by gzip.")
  var output: HostString

  func run() throws {
    var roles = FileRoles()
    roles.add(module, "the module")
    roles.add(profile, "the profile")
    roles.add(stats, "the statistics")
    try roles.check(output, "-o")
    let module = try loadModule(self.module)
    let matched = try MatchedProfile([profile], for: module)
    for warning in matched.warnings { Terminal.warn(warning) }
    let deopts = try stats.map { try GuardMisses($0).paths }
    let converted = PprofConversion(module, file: "\(self.module.lastComponent)")
      .profile(matched.profile, deopts: deopts)
    let bytes: [UInt8]
    do throws(PprofError) { bytes = try converted.encode() } catch {
      throw Diagnostic(error.message, at: "\(output)", status: .outputError)
    }
    try writeProfile(bytes, to: output)
  }
}

struct ProfileFromPprof: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "from-pprof",
    abstract: "Write a profile of the heat that a CPU profile of an artefact shows.",
    discussion: """
      Takes what a continuous profiler, or perf by a converter, measured while an artefact ran, and says which functions are hot. It says \
      nothing of their call sites: merge it with a recorded profile.

      EXAMPLES:
        wasm-pgo profile from-pprof app.wasm cpu.pb.gz -o heat.wasmprof
        wasm-pgo profile from-pprof app.wasm perf.pb -o heat.wasmprof

      \(ExitStatus.table("0 success"))
      """)

  @Argument(help: "The module.", completion: .file(extensions: ["wasm"]))
  var module: HostString

  @Argument(help: "The CPU profile, packed by gzip or not.", completion: .file())
  var measured: HostString

  @Option(name: .shortAndLong, help: "The profile.")
  var output: HostString

  func run() throws {
    var roles = FileRoles()
    roles.add(module, "the module")
    roles.add(measured, "the CPU profile")
    try roles.check(output, "-o")
    let module = try loadModule(self.module)
    let bytes = try readInput(measured)
    let heat: PprofHeat
    do throws(PprofError) { heat = try PprofHeat(reading: bytes) } catch {
      throw Diagnostic(
        error.message, at: "\(measured)" + (error.offset.map { ", byte \($0) unpacked" } ?? ""),
        help: "give a CPU profile in pprof's format", status: .badInput)
    }
    let functions = PprofConversion(module, file: "").heat(heat)
    guard !functions.isEmpty else {
      throw Diagnostic(
        "none of its samples is in a function of the module", at: "\(measured)",
        help: "measure an artefact of this module, with its symbols", status: .badInput)
    }
    try writeProfile(ProfileFile(heat: functions, of: module).encode(), to: output)
  }
}

/// Between a module's functions and the names that pprof knows.
private struct PprofConversion {
  private let module: Module
  private let file: String

  init(_ module: Module, file: String) {
    self.module = module
    self.file = file
  }

  private func frame(_ function: Int, at offset: Int? = nil) -> PprofProfile.Frame {
    PprofProfile.Frame(
      function: module.functionName(function) ?? "f\(function)", file: file,
      line: offset ?? module.functions[function].body.lowerBound)
  }

  /// - Parameter deopts: paths of guards, innermost first, with the number of their deopts.
  func profile(
    _ profile: ModuleProfile, deopts: [(path: [(function: Int, offset: Int)], count: UInt64)]?
  ) -> PprofProfile {
    let types =
      (deopts == nil ? [] : [PprofProfile.ValueType("deopts", "count")])
      + [.init("calls", "count"), .init("events", "count")]
    let none = deopts == nil ? [] : [UInt64(0)]
    var result = PprofProfile(types: types, samples: [])
    for (function, counts) in profile.functions.sorted(by: { $0.key < $1.key }) {
      result.samples.append(.init(stack: [frame(function)], values: none + [0, counts.weight]))
      for (offset, site) in counts.callSites.sorted(by: { $0.key < $1.key }) {
        for target in site.targets where target.count > 0 {
          result.samples.append(
            .init(
              stack: [frame(target.function), frame(function, at: offset)],
              values: none + [target.count, 0]))
        }
      }
    }
    for row in deopts ?? [] {
      let stack = row.path.compactMap { place in
        module.functions.indices.contains(place.function)
          ? frame(place.function, at: place.offset) : nil
      }
      result.samples.append(.init(stack: stack, values: [row.count, 0, 0]))
    }
    return result
  }

  /// Symbols of artefacts are `wasm_f`, the function's index, and what tells versions apart; or its name with the version behind a dot.
  func heat(_ heat: PprofHeat) -> [Int: UInt64] {
    var byName: [String: Int] = [:]
    for function in module.functions.indices.reversed() {
      if let name = module.functionName(function) { byName[name] = function }
    }
    var result: [Int: UInt64] = [:]
    for (name, value) in heat.functions where value > 0 {
      guard let function = byName[name] ?? index(symbol: name) ?? version(of: name, byName) else {
        continue
      }
      result[function] = saturatingSum(result[function] ?? 0, value)
    }
    return result.filter { $0.key >= module.importedFunctionCount }
  }

  private func index(symbol: String) -> Int? {
    guard symbol.hasPrefix("wasm_f") else { return nil }
    let digits = symbol.dropFirst(6).prefix { ("0"..."9").contains($0) }
    return Int(digits).flatMap { module.functions.indices.contains($0) ? $0 : nil }
  }

  private func version(of name: String, _ byName: [String: Int]) -> Int? {
    name.lastIndex(of: ".").flatMap { byName[String(name[..<$0])] }
  }
}
