import Runtime
import Wasm
import WasmText

/// A store with a linker, to keep both for as long as a test runs.
final class Machine {
  let store: Store
  let linker: Linker

  init(limits: Store.Limits = Store.Limits()) throws {
    store = try Store(limits: limits)
    linker = Linker(store)
  }

  static func compile(_ text: String, feedback: Bool = false) throws -> CompiledModule {
    let module = try Module(validating: assemble(text))
    return feedback ? CompiledModule(recorder: Recorder(module)) : CompiledModule(module)
  }

  func instantiate(_ text: String) throws -> Instance {
    try linker.instantiate(Self.compile(text))
  }
}

extension Instance {
  func call(_ name: String, _ arguments: Value...) throws -> [Value] {
    guard let function = exportedFunction(name) else {
      throw LinkError(message: "no function \(name)")
    }
    return try function.call(arguments)
  }

  /// The trap that a call ends with, nil if it returns.
  func trap(_ name: String, _ arguments: Value...) throws -> Trap? {
    do {
      _ = try exportedFunction(name)?.call(arguments)
      return nil
    } catch let trap as Trap {
      return trap
    }
  }
}
