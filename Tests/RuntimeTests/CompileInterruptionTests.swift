import Contract
import Runtime
import Testing
import Wasm
import WasmText

@testable import Baseline

/// The baseline compiler runs while a guest does, and large functions take it long.
struct CompileInterruptionTests {
  private static func module(instructions count: Int) throws -> Module {
    let body = String(repeating: "nop ", count: count)
    return try Module(validating: assemble("(module (func (export \"f\") \(body)))"))
  }

  @Test func largeFunctionsAreBrokenOff() throws {
    let large = try Self.module(instructions: 200_000)
    let compiled = CompiledModule(large)
    let machine = try Machine()
    let instance = try machine.linker.instantiate(compiled)
    machine.store.interrupter.interrupt()
    let trap = #expect(throws: Trap.self) {
      try compiled.baseline(function: 0, for: machine.store.interrupter)
    }
    #expect(trap?.code == .interrupted)
    #expect(compiled.baselineFunctionCount == 0)
    // Whoever waits for it next gets it.
    machine.store.interrupter.clear()
    #expect(try instance.call("f") == [])
    #expect(compiled.baselineFunctionCount == 1)
  }

  @Test func smallOnesAreNot() throws {
    let module = try Self.module(instructions: 1000)
    let compiled = try BaselineCompiler.compile(
      module, function: 0, layout: ContextLayout(module), options: BaselineOptions()
    ) { true }
    #expect(compiled != nil)
  }
}
