import AOT
import Runtime
import Synchronization
import TestSupport
import Testing
import Wasm
import WasmText

@testable import WASI

/// What runs the guest, and the name under which it imports the interface.
struct Engine: CaseIterable, Sendable, Hashable, CustomStringConvertible {
  enum Tier: CaseIterable { case baseline, ahead }

  var tier: Tier
  var version = WASIVersion.preview1

  static let allCases = WASIVersion.allCases.flatMap { version in
    Tier.allCases.map { Engine(tier: $0, version: version) }
  }
  /// Where the interface does not matter.
  static let tiers = Tier.allCases.map { Engine(tier: $0) }
  static let baseline = Engine(tier: .baseline)

  var description: String { "\(tier), \(version.rawValue)" }

  /// Compiles a module; ahead of time without a profile, in this process.
  func compile(_ text: String) throws -> CompiledModule {
    let module = try Module(validating: assemble(text))
    guard tier == .ahead else { return CompiledModule(module) }
    var options = CompilerOptions()
    options.usesProcesses = false  // tests run in many threads
    let plan = try TestPlan(targets: [:]).plan(module).inTiers(level: 1)
    return CompiledModule(
      artefact: try Artefact(bytes: Compiler.compile(module, plan: plan, options: options)))
  }

  /// A module with a page of memory that imports all functions of an interface and exports functions of the same names,
  /// which call them. Compiled once.
  func passThrough() throws -> CompiledModule {
    try Self.modules.withLock { modules in
      if let known = modules[self] { return known }
      let made = try compile(Self.text(version))
      modules[self] = made
      return made
    }
  }

  private static let modules = Mutex<[Engine: CompiledModule]>([:])

  private static func text(_ version: WASIVersion) -> String {
    var imports = ""
    var functions = ""
    for function in WASI.functions(version) {
      let parameters = function.type.parameters.map { "\($0)" }.joined(separator: " ")
      let results = function.type.results.map { "(result \($0))" }.joined()
      let type = "(param \(parameters)) \(results)"
      imports +=
        "(import \"\(version.rawValue)\" \"\(function.name)\" (func $\(function.name) \(type)))\n"
      let arguments = function.type.parameters.indices.map { "local.get \($0) " }.joined()
      functions +=
        "(func (export \"\(function.name)\") \(type) \(arguments)call $\(function.name))\n"
    }
    return "(module \(imports) (memory (export \"memory\") 1 1) \(functions))"
  }
}
