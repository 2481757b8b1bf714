import Feedback
import Runtime
import Speculation
import TestSupport
import Testing
import Wasm
import WasmText

@testable import AOT

/// Damaged modules and profiles: an error, or a program that is valid still; then all tiers agree what it does.
@Suite struct BadModuleTests {
  static let bytes = Result { try assemble(text) }

  /// Ends: every turn of a loop calls the host twice, which gives up in the end.
  private static let text = """
    (module $sample
      (import "env" "tick" (func $tick))
      (type $op (func (param i32 i64) (result i64)))
      (table $t 4 8 funcref)
      (memory (export "memory") 1 2)
      (global $g (export "g") (mut i64) (i64.const 7))
      (elem (i32.const 0) $add $mix $add)
      (data (i32.const 16) "some data, and more of it")
      (func $add (export "add") (type $op)
        (i64.add (local.get 1) (i64.load8_u (i32.and (local.get 0) (i32.const 63)))))
      (func $mix (export "mix") (type $op) (local f64)
        (local.set 2 (f64.convert_i64_s (local.get 1)))
        (if (result i64) (f64.lt (local.get 2) (f64.const 1e6))
          (then (i64.mul (local.get 1) (i64.const 31)))
          (else (i64.shr_u (local.get 1) (i64.const 3)))))
      (func $apply (export "apply") (param $which i32) (param $x i64) (result i64)
        (call_indirect (type $op) (local.get $which) (local.get $x) (local.get $which)))
      (func (export "run") (param $n i32) (param $x i64) (result i64)
        (loop $top
          (call $tick)
          (local.set $x
            (i64.xor (call $apply (i32.rem_u (local.get $n) (i32.const 3)) (local.get $x))
              (global.get $g)))
          (global.set $g (i64.add (global.get $g) (i64.const 1)))
          (i64.store (i32.and (local.get $n) (i32.const 0xFFF8)) (local.get $x))
          (call $tick)
          (br_if $top (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $x)))
    """

  struct GaveUp: Error {}

  /// What calling all exports with some arguments comes to; nil if it cannot be linked.
  private func outcomes(_ module: CompiledModule) throws -> [String]? {
    var limits = Store.Limits()
    limits.memoryPages = 16
    limits.tableElements = 1 << 16
    limits.stackSize = 1 << 18
    let store = try Store(limits: limits)
    let linker = Linker(store)
    var ticks = 0
    try linker.defineFunction("env", "tick", FunctionType([], [])) { _ in
      ticks += 1
      if ticks > 2000 { throw GaveUp() }
    }
    var result: [String] = []
    func note(_ body: () throws -> String) rethrows {
      do { result.append(try body()) } catch let trap as Trap {
        result.append(trap.message)
      } catch is GaveUp {
        result.append("endless")
      }
    }
    do {
      let instance = try linker.instantiate(module)
      for name in instance.exportNames {
        guard let function = instance.exportedFunction(name) else { continue }
        let arguments = function.type.parameters.map { Value.zero($0).successor }
        try note { "\(name): \(try function.call(arguments).map(\.canonical))" }
      }
      if case .global(let global)? = instance.export("g") { result.append("\(global.value)") }
      if case .memory(let memory)? = instance.export("memory") {
        result.append(
          memory.withUnsafeMutableBytes { "\(StableHash.of(UnsafeRawBufferPointer($0)))" })
      }
    } catch is LinkError {
      return nil
    } catch is ResourceError {
      return nil
    } catch let trap as Trap {
      return ["at instantiation: \(trap.message)"]
    }
    return result
  }

  /// - Returns: whether the module is valid still.
  private func check(_ bytes: [UInt8], _ what: String, compiles: Bool) throws -> Bool {
    let module: Module
    do throws(WasmError) { module = try Module(validating: bytes) } catch {
      #expect(error.offset >= 0 && error.offset <= bytes.count, "\(what): \(error)")
      return false
    }
    let expected = try outcomes(CompiledModule(module))
    guard compiles else { return true }
    let plan = try TestPlan(speculatingEverywhere: module).plan(module).inTiers(level: 1)
    let options = CompilerOptions(usesProcesses: false)
    let artefact = try Compiler.compile(module, plan: plan, options: options)
    let outcome = try outcomes(CompiledModule(artefact: Artefact(bytes: artefact)))
    #expect(outcome == expected, "\(what)")
    return true
  }

  @Test func truncatedModules() throws {
    let bytes = try Self.bytes.get()
    var valid = 0
    for count in bytes.indices
    where try check(Array(bytes[..<count]), "\(count) bytes", compiles: true) {
      valid += 1
    }
    // Cut behind the code, before the names; and behind the header.
    #expect((1...8).contains(valid), "\(valid)")
    #expect(try check(bytes, "whole", compiles: true))
  }

  @Test func modulesWithFlippedBits() throws {
    let original = try Self.bytes.get()
    var random = TestRandom(seed: 3)
    var valid = 0
    for round in 0..<2000 {
      var bytes = original
      let bit = Int.random(in: 0..<8 * bytes.count, using: &random)
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      if try check(bytes, "bit \(bit)", compiles: round % 16 == 0) { valid += 1 }
    }
    #expect((200...1800).contains(valid), "\(valid)")
  }
}

extension Value {
  /// Something other than zero.
  fileprivate var successor: Value {
    switch self {
    case .i32: .i32(5)
    case .i64: .i64(6)
    case .f32: .f32(2.5)
    case .f64: .f64(3.5)
    case .v128: .v128(V128(low: 7, high: 8))
    case .funcref, .externref, .exnref: self
    }
  }

  /// The bits of NaNs may differ between tiers (spec 4.3.3); references are addresses.
  fileprivate var canonical: String {
    switch self {
    case .f32(let bits) where Float(bitPattern: bits).isNaN: "nan"
    case .f64(let bits) where Double(bitPattern: bits).isNaN: "nan"
    case .funcref(let function): function == nil ? "null" : "function"
    default: "\(self)"
    }
  }
}
