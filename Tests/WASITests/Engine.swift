import AOT
import Runtime
import Synchronization
import TestSupport
import Testing
import Wasm
import WasmText

@testable import WASI

/// What runs the guest.
enum Engine: CaseIterable, Sendable {
  case baseline, ahead

  /// Compiles a module; ahead of time without a profile, in this process.
  func compile(_ text: String) throws -> CompiledModule {
    let module = try Module(validating: assemble(text))
    guard self == .ahead else { return CompiledModule(module) }
    var options = CompilerOptions(optimizationLevel: 1)
    options.usesProcesses = false  // tests run in many threads
    let plan = try TestPlan(targets: [:]).plan(module)
    return CompiledModule(
      artefact: try Artefact(bytes: Compiler.compile(module, plan: plan, options: options)))
  }

  /// A module with a page of memory that imports all functions of an interface and exports functions of the same names,
  /// which call them. Compiled once.
  func passThrough(_ version: WASIVersion) throws -> CompiledModule {
    try Self.modules.withLock { modules in
      let key = "\(self) \(version)"
      if let known = modules[key] { return known }
      let made = try compile(Self.text(version))
      modules[key] = made
      return made
    }
  }

  private static let modules = Mutex<[String: CompiledModule]>([:])

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
