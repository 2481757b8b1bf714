import Testing
import Wasm
import WasmText

/// Modules whose bodies are validated when they are needed.
struct DeferredBodyTests {
  private static let text = """
    (module
      (import "env" "tick" (func $tick))
      (memory 1) (table 2 2 funcref) (elem (i32.const 0) $good $named)
      (data (i32.const -7) "x") (data (i32.const 2147483647) "y")
      (global i32 (i32.const 0x12345)) (global i64 (i64.const 9)) (global funcref (ref.func $good))
      (func $good (export "good") (param i32) (result i32)
        (i32.add (local.get 0) (i32.mul (i32.const 2) (local.get 0))))
      (func $named (nop)))
    """

  @Test func isTheSameModule() throws {
    let bytes = try assemble(Self.text)
    let eager = try Module(validating: bytes)
    let deferred = try Module(deferringBodies: bytes)
    for index in eager.functions.indices {
      #expect(deferred.functions[index].body == eager.functions[index].body)
      #expect(deferred.functionName(index) == eager.functionName(index))
      try deferred.validateBody(ofFunction: index)
      #expect(
        deferred.maxOperandHeight(ofFunction: index) == eager.maxOperandHeight(ofFunction: index))
    }
    #expect(eager.maxOperandHeight(ofFunction: 1) == 3)
    #expect(deferred.globals.map(\.initializer) == eager.globals.map(\.initializer))
    #expect(deferred.hash == eager.hash)
    #expect(deferred.name == eager.name)
  }

  @Test func invalidBodiesAreFoundLater() throws {
    var bytes = try assemble(Self.text)
    let body = try Module(validating: bytes).functions[2].body
    // drop instead of nop
    bytes[body.lowerBound] = 0x1A
    let expected = try #require(throws: WasmError.self) { try Module(validating: bytes) }
    let module = try Module(deferringBodies: bytes)
    for _ in 0..<2 {
      let error = #expect(throws: WasmError.self) { try module.validateBody(ofFunction: 2) }
      #expect(error == expected)
    }
    #expect(throws: Never.self) { try module.validateBody(ofFunction: 1) }
  }

  @Test func everythingElseIsValidatedAtOnce() throws {
    let bytes = try assemble("(module (func) (export \"f\" (func 0)))")
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: [1, 0x66, 0, 0]) })
    var changed = bytes
    changed[place + 3] = 1
    #expect(throws: WasmError.self) { try Module(deferringBodies: changed) }
    #expect(throws: Never.self) { try Module(deferringBodies: bytes) }
  }
}
