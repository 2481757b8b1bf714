import AOT
import Contract
import Runtime
import TestSupport
import Testing
import Wasm

/// Relaxed SIMD means the same before and after a deopt, whatever an artefact chose.
struct RelaxedVectorTests {
  /// Each instruction with its operands in locals 0 to 2; their results are mixed before the guarded call and behind it.
  private static let instructions: [(name: String, operands: Int)] = Opcode.allCases.map(\.info)
    .filter { $0.feature == .relaxedSIMD }
    .map { ($0.mnemonic, $0.signature?.operands.count ?? 0) }

  private static let program: String = {
    let results = instructions.map { name, operands in
      "(\(name) \((0..<operands).map { "(local.get \($0))" }.joined()))"
    }
    let steps = results.map {
      "(local.set $m (v128.xor (i64x2.add (local.get $m) (i64x2.shl (local.get $m) (i32.const 7))) \($0)))"
    }.joined(separator: "\n")
    return """
      (module (type $t (func (param i32) (result i32)))
        (table funcref (elem $hot $cold))
        (func $hot (export "hot") (type $t) (i32.add (local.get 0) (i32.const 1)))
        (func $cold (export "cold") (type $t) (i32.mul (local.get 0) (i32.const 3)))
        (func (export "run") (param v128 v128 v128 i32) (result v128) (local $m v128)
          \(steps)
          (local.set 3 (call_indirect (type $t) (i32.const 5) (local.get 3)))
          \(steps)
          (i32x4.add (local.get $m) (i32x4.splat (local.get 3)))))
      """
  }()

  private static let vectors: [V128] = [
    V128([1.5, -0.0, .nan, 3e9] as [Float]), V128([0.1, -1e10] as [Double]),
    V128([0.0, 0x1.000002p0, .infinity, -5e9] as [Float]),
    V128([0x8000, 0x8000, 0x7FFF, 1, 0xFFFF, 0x8080, 0xFF7F, 0x1234] as [UInt16]),
    V128([0, 15, 16, 31, 127, 128, 255, 3, 0x80, 0x7F, 0x81, 1, 2, 0xFE, 17, 100] as [UInt8]),
  ]

  @Test(
    arguments: ["x86-64-v2", "x86-64-v3", "native"],
    [nil, .deterministic] as [RelaxedSemantics?])
  func deopts(cpu: String, relaxed: RelaxedSemantics?) throws {
    #expect(Self.instructions.count == 20)
    let program = try DeoptCase(
      Self.program, [.init("run", 0, "hot")], cpu: cpu, relaxed: relaxed)
    if relaxed == .deterministic {
      let artefact = try Artefact(bytes: program.artefactBytes)
      #expect(artefact.manifest.relaxed == .deterministic)
    }
    var calls: [DeoptComparison.Call] = []
    for (number, first) in Self.vectors.enumerated() {
      for second in Self.vectors {
        let third = Self.vectors[(number + 2) % Self.vectors.count]
        for key: Int32 in [0, 1] {
          calls.append(("run", [.v128(first), .v128(second), .v128(third), .i32(key)]))
        }
      }
    }
    let comparison = try DeoptComparison(program, calls)
    #expect(comparison.optimized.outcomes == comparison.baseline.outcomes)
    // Ten of them, until the limit.
    #expect(comparison.statistics.deopts == 10)
  }
}
