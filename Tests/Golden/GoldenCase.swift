import AOT
import Feedback
import Foundation
import Runtime
import Speculation
import TestSupport
import Wasm
import WasmText

/// A file of `Cases`: what to print of a module, the module, and what must be printed.
///
///     ;; What it shows.
///     ;;! stage: memory-checks
///     ;;! function: 0
///     (module …)
///     ;;| -  call void @wpgo.probe(…)
///
/// Directives, each at most once:
/// - `stage`: stages of `wasm-pgo-compile --dump`, separated by spaces; `validation`: the error, or "valid";
///   `inspect`: what `wasm-pgo inspect` prints of the artefact, with these options behind the word.
/// - `function`: index of the only function to print.
/// - `record`: calls of exports with i32 arguments that the profile is made of, as in `run(3,4) run(5)`.
/// - `targets`: indices of the functions that all indirect calls speculate on; the plan is then what this says (``TestPlan``).
/// - `level`: of optimization.
/// - `cpu`: as for `--cpu`; without, x86-64-v2.
/// - `show`: only lines that contain one of these texts, separated by `|`.
struct GoldenCase {
  /// Within `Cases`.
  var name: String
  var file: URL
  var directives: [String: String] = [:]
  /// The file without what must be printed.
  var source: String
  /// What must be printed.
  var expected: String

  private static let directiveMark = ";;! "
  private static let expectationMark = ";;| "
  private static let names: Set<String> = [
    "stage", "function", "record", "targets", "level", "cpu", "show",
  ]

  init(_ file: URL, name: String) throws {
    self.file = file
    self.name = name
    var lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
    while lines.last?.isEmpty ?? false { lines.removeLast() }
    let start = lines.firstIndex { $0.hasPrefix(Self.expectationMark.trimmed) } ?? lines.count
    source = lines[..<start].joined(separator: "\n") + "\n"
    expected = lines[start...].map { $0.dropFirst(Self.expectationMark.count) + "\n" }.joined()
    for line in lines where line.hasPrefix(Self.directiveMark) {
      let parts = line.dropFirst(Self.directiveMark.count).split(separator: ":", maxSplits: 1)
      let key = String(parts.first ?? "").trimmed
      guard parts.count == 2, Self.names.contains(key), directives[key] == nil else {
        throw GoldenError("\(name): what is \(line)?")
      }
      directives[key] = String(parts[1]).trimmed
    }
  }

  /// The file as it is when `output` is right.
  func contents(expecting output: String) -> String {
    let lines = output.components(separatedBy: "\n").dropLast()
    return source + lines.map { (Self.expectationMark + $0).trimmed + "\n" }.joined()
  }

  // MARK: Output

  func output() throws -> String {
    let text = try unfiltered()
    guard let show = directives["show"]?.split(separator: "|").map({ String($0).trimmed }) else {
      return text
    }
    return text.split(separator: "\n").filter { line in
      show.contains { line.contains($0) } || (line.hasPrefix("; ") && !line.hasPrefix("; Function"))
    }.map { $0 + "\n" }.joined()
  }

  private func unfiltered() throws -> String {
    let stages = (directives["stage"] ?? "").split(separator: " ").map(String.init)
    let module: Module
    do throws(WasmError) { module = try Module(validating: try assembled()) } catch {
      return stages == ["validation"] ? "\(error)\n" : try { throw error }()
    }
    if stages == ["validation"] { return "valid\n" }
    let profile = try profile(of: module)
    if stages.first == "inspect" { return try inspect(module, profile, Array(stages.dropFirst())) }
    let collected = Collector()
    var options = try options()
    options.dump = DumpOptions(
      function: directives["function"].flatMap(Int.init),
      stages: Set(
        try stages.map {
          guard let stage = DumpOptions.Stage(rawValue: $0) else {
            throw GoldenError("\(name): no stage \($0)")
          }
          return stage
        }))
    options.dump.write = { collected.add($0) }
    _ = try Compiler.compile(
      module, plan: try plan(module, profile), profile: profile, options: options)
    return Self.normalize(collected.text)
  }

  private func assembled() throws(WasmError) -> [UInt8] {
    do throws(WasmTextError) { return try assemble(source) } catch {
      throw WasmError(.malformed, offset: 0, "text: \(error)")
    }
  }

  private func options() throws -> CompilerOptions {
    let name = directives["cpu"] ?? "x86-64-v2"
    guard let cpu = CPUChoice(name) else { throw GoldenError("\(self.name): no CPU \(name)") }
    return CompilerOptions(cpu: cpu, isShared: true, usesProcesses: false)
  }

  private func plan(_ module: Module, _ profile: ModuleProfile) throws -> CompilationPlan {
    let level = directives["level"].flatMap(Int.init)
    guard let targets = directives["targets"] else {
      // The planner's own tiers are shown by stage `plan` only.
      if directives["stage"] == "plan" { return Planner.plan(module: module, profile: profile) }
      return Planner.plan(module: module, profile: profile, options: .thorough)
        .inTiers(level: level ?? 3)
    }
    let functions = targets.split(separator: " ").compactMap { Int($0) }
    var sites: [Int: [Int]] = [:]
    for function in module.importedFunctionCount..<module.functions.count {
      for call in try module.indirectCalls(function: function) { sites[call.offset] = functions }
    }
    return try TestPlan(targets: sites).plan(module).inTiers(level: level ?? 3)
  }

  private func profile(of module: Module) throws -> ModuleProfile {
    guard let calls = directives["record"] else { return ModuleProfile() }
    let store = try Store()
    let instance = try Linker(store).instantiate(CompiledModule(recorder: Recorder(module)))
    for call in calls.split(separator: " ") {
      let parts = call.dropLast().split(separator: "(", omittingEmptySubsequences: false)
      guard call.hasSuffix(")"), parts.count == 2,
        let function = instance.exportedFunction(String(parts[0]))
      else { throw GoldenError("\(name): no call \(call)") }
      // A call may trap: what it did is recorded all the same.
      _ = try? function.call(
        parts[1].split(separator: ",").compactMap { Int32($0) }.map { .i32($0) })
    }
    return try withExtendedLifetime(store) {
      try instance.recordedProfile?.match(module) ?? ModuleProfile()
    }
  }

  /// By the executable.
  private func inspect(
    _ module: Module, _ profile: ModuleProfile, _ arguments: [String]
  ) throws -> String {
    let folder = try TemporaryFolder()
    let artefact = try Compiler.compile(
      module, plan: try plan(module, profile), profile: profile, options: options())
    try Data(artefact).write(to: folder.root.appending(path: "a.so"))
    let outcome = try Command(directory: folder.root, folder: folder)
      .run(["inspect", "a.so"] + arguments)
    return outcome.output + outcome.errors
  }

  /// Without what says nothing and changes with everything: numbers of metadata and of attributes.
  private static func normalize(_ text: String) -> String {
    text.replacing(/, ![a-z._]+ ![0-9]+/, with: "").replacing(/[ ]?#[0-9]+/, with: "")
      .replacing(/[ ]personality ptr @[a-z_.]+/, with: "")
  }
}

struct GoldenError: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}

/// Partitions are compiled one after the other, in this process.
private final class Collector: @unchecked Sendable {
  private(set) var text = ""

  func add(_ part: String) { text += part }
}

extension String {
  fileprivate var trimmed: String { trimmingCharacters(in: .whitespaces) }
}
