import AOT
import Feedback
import Runtime
import Speculation
import TestSupport
import Wasm
import WasmText

/// A ``FloatProgram`` on the baseline and compiled: the results must be the same, bit for bit.
struct FloatCase: FuzzSubject {
  let program: FloatProgram
  let module: Module
  /// By the seed.
  let level: Int
  let hasProfile: Bool
  let cpu: CPUChoice
  /// Passes of our own that are left out, to see that faults are found.
  var leftOut: Set<OwnPass> = []

  init(_ program: FloatProgram) throws {
    self.program = program
    module = try Module(validating: assemble(program.text))
    level = [1, 2, 1, 3, 1, 1, 1, 2][Int(program.seed % 8)]
    hasProfile = program.seed / 8 % 3 == 0
    cpu = program.seed / 24 % 4 == 0 ? .level("x86-64-v2") : .native
  }

  func check(progress: (Int) -> Void) throws -> FuzzCase.Result {
    progress(-1)
    var result = FuzzCase.Result()
    result.modules = 1
    let expected = try run(
      hasProfile ? CompiledModule(recorder: Recorder(module)) : CompiledModule(module))
    var profile = ModuleProfile()
    if hasProfile { profile = try FuzzWorld.profile(of: expected.instance) }
    var options = CompilerOptions(cpu: cpu, isShared: false)
    options.usesProcesses = false
    options.leftOut = leftOut
    let bytes = try Compiler.compile(
      module,
      plan: Planner.plan(module: module, profile: profile, options: .thorough)
        .inTiers(level: level), profile: profile, options: options)
    progress(0)
    let compiled = try run(CompiledModule(artefact: Artefact(bytes: bytes)))
    if let text = program.difference(expected.memory, compiled.memory) {
      let setting = "-O\(level)\(hasProfile ? " with a profile" : "")\(cpu == .native ? "" : " v2")"
      result.finding = FuzzFinding(kind: .different, setting: 0, text: "\(setting): \(text)")
    }
    return result
  }

  private struct Side {
    var memory: [UInt8]
    var instance: Instance
    /// Keeps the instance alive.
    var store: Store
  }

  private func run(_ module: CompiledModule) throws -> Side {
    let store = try Store()
    let instance = try Linker(store).instantiate(module)
    for name in instance.exportNames {
      guard let function = instance.exportedFunction(name) else { continue }
      if function.type.parameters.isEmpty {
        _ = try function.call()
      } else {
        for input in 0..<FloatProgram.inputCount { _ = try function.call([.i32(Int32(8 * input))]) }
      }
    }
    let memory = instance.memories[0].withUnsafeMutableBytes { Array($0) }
    return Side(memory: memory, instance: instance, store: store)
  }
}
