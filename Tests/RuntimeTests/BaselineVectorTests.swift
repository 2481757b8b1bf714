import Baseline
import Contract
import Runtime
import Testing
import Wasm
import WasmText
import X64

/// Vectors in frames, calls, branches and memory of baseline code, for each kind of target.
@Suite("Vectors in baseline code")
struct BaselineVectorTests {
  static let targets = VectorInstructionTests.targets.map {
    VectorTarget(features: $0.features)
  }

  private static func splat(_ value: UInt32) -> [UInt64] {
    Array(repeating: UInt64(value) << 32 | UInt64(value), count: 2)
  }

  /// The sum of the halves, as the functions below return it.
  private static func sum(_ vector: [UInt64]) -> UInt64 { vector[0] &+ vector[1] }

  private static func call(
    _ text: String, _ target: VectorTarget, _ arguments: Value...
  ) throws -> [Value] {
    let machine = try Machine()
    let module = try Module(validating: assemble(text))
    let instance = try machine.linker.instantiate(CompiledModule(module, target: target))
    return try instance.exportedFunction("f")!.call(arguments)
  }

  // MARK: Frames

  private static let calls = """
    (module
      (type $callee (func (param v128 i32 v128) (result v128)))
      (table funcref (elem $callee))
      (func $callee (type $callee)
        (i32x4.add (i32x4.add (local.get 0) (local.get 2)) (i32x4.splat (local.get 1))))
      ;; slots: 0 v128, 1 i32, 2 v128; operands from 3
      (func (export "f") (param v128 i32) (result i64) (local v128)
        (i32x4.splat (i32.const 7))                              ;; slot 3 beneath
        (local.get 0) (local.get 1) (v128.const i32x4 1 2 3 4)   ;; slots 4, 5, 6
        CALL
        (local.tee 2) i32x4.add
        (local.set 0)
        (i64.add (i64x2.extract_lane 0 (local.get 0)) (i64x2.extract_lane 1 (local.get 0)))))
    """

  @Test(arguments: targets, ["(call $callee)", "(i32.const 0) (call_indirect (type $callee))"])
  func resumesBeforeCall(target: VectorTarget, call: String) throws {
    let text = Self.calls.replacing("CALL", with: call)
    let machine = try BaselineCase(text, function: "f", target: target)
    // The callee must be compiled: compiling needs a call from the host, which there is none of here.
    let result = try machine.instance.call("f", .v128(V128(low: 1, high: 2)), .i32(5))
    let expected: UInt64 = 0x0000_000C_0000_000C &* 2 &+ 0x2_0000_0001 &+ 0x4_0000_0003 &+ 3
    #expect(result == [.i64(Int64(expected))])
    #expect(machine.compiled.slots.slotSize == 16)
    let dirt: UInt64 = 0xABCD_0000_0000_0000
    var slots: [UInt64] = [0, 0, 0, 0, 0, 0] + Self.splat(100)
    slots += [10, 20, dirt | 30, dirt, 40, 50, dirt, dirt]
    let resumed = machine.resume(before: 0, slots: slots)
    #expect(resumed == Self.sum(Self.splat(130)) + 10 + 20 + 40 + 50)
  }

  /// Arguments and results beyond the registers, between scalars.
  @Test(arguments: targets, [false, true])
  func overflowArea(target: VectorTarget, feedback: Bool) throws {
    let count = 11
    let parameters = String(repeating: "i64 v128 ", count: count)
    let text = """
      (module
        (func $sum (param \(parameters)) (result v128 i64 i64 i64 v128 v128 v128)
          \((0..<count).map { "(local.get \(2 * $0 + 1))" }.joined())
          \(String(repeating: "i64x2.add ", count: count - 1))
          \((0..<count).map { "(local.get \(2 * $0))" }.joined())
          \(String(repeating: "i64.add ", count: count - 1))
          (local.get 0) (local.get 20) (local.get 1) (v128.const i64x2 0x100 0x200) (local.get 21))
        (func (export "f") (result i64)
          (local v128 i64 i64 i64 v128 v128 v128)
          \((0..<count).map { "(i64.const \($0 + 1)) (v128.const i64x2 \(100 * $0) \($0))" }.joined())
          (call $sum)
          local.set 6 local.set 5 local.set 4 local.set 3 local.set 2 local.set 1 local.set 0
          (i64x2.add (i64x2.add (local.get 0) (local.get 4)) (i64x2.add (local.get 5) (local.get 6)))
          (local.tee 0) (i64x2.extract_lane 0)
          (i64.mul (i64x2.extract_lane 1 (local.get 0)) (i64.const 0x10000))
          i64.add
          (i64.mul (i64.add (i64.add (local.get 1) (local.get 2)) (local.get 3)) (i64.const 0x1000000000))
          i64.add))
      """
    let low = (0..<count).reduce(0) { $0 + 100 * $1 } + 0x100 + 1000
    let high = (0..<count).reduce(0, +) + 0x200 + 10
    let expected = low + high * 0x10000 + (66 + 1 + 11) * 0x10_0000_0000
    let machine = try BaselineCase(text, function: "f", feedback: feedback, target: target)
    #expect(try machine.instance.call("f") == [.i64(Int64(expected))])
    let operands = (0..<UInt64(count)).flatMap { number -> [UInt64] in
      [number + 1, 77, 100 * number, number]
    }
    let resumed = machine.resume(before: 0, slots: [UInt64](repeating: 5, count: 14) + operands)
    #expect(resumed == UInt64(expected))
  }

  /// Before an instruction that is no call: operands in registers, an alias of a local, a cached local, a constant.
  @Test(arguments: targets)
  func resumesAtInstruction(target: VectorTarget) throws {
    let text = """
      (module
        (func (export "f") (param v128 v128) (result i64)
          (i32x4.add (local.get 1) (local.get 1))   ;; slot 2, in a register
          (local.get 0)                             ;; slot 3, an alias
          (v128.const i32x4 3 3 3 3)                ;; slot 4, a constant
          i32x4.mul                                 ;; resumes here
          i32x4.add
          (i32x4.add (local.get 1))
          (local.set 0)
          (i64.add (i64x2.extract_lane 0 (local.get 0)) (i64x2.extract_lane 1 (local.get 0)))))
      """
    let machine = try BaselineCase(text, function: "f", target: target)
    let module = machine.instance.module
    let offset = try #require(
      module.functions[0].body.first {
        module.bytes[$0] == 0xFD && module.bytes[$0 + 1] == 0xB5 && module.bytes[$0 + 2] == 1
      })
    let compiled = try BaselineCompiler.compile(
      module, function: 0, layout: machine.instance.layout,
      options: BaselineOptions(resumeOffsets: [offset], target: target))
    let code = ExecutableCode(compiled.code)
    let entry = try #require(compiled.entries.first)
    #expect(entry.byteOffset == offset)
    let slots = [0, 1000, 10, 20, 3].flatMap(Self.splat)
    let result = FrameEntry.run(
      compiled, at: entry.codeOffset, slots: slots, in: machine.instance,
      code: code.address)
    #expect(result == Self.sum(Self.splat(1000 + 10 + 60)))
  }

  /// More than there are registers, across a call.
  @Test(arguments: targets)
  func manyVectors(target: VectorTarget) throws {
    let count = 20
    let text = """
      (module
        (func $id (param v128) (result v128) (local.get 0))
        (func (export "f") (param i32) (result v128)
          \((0..<count).map { "(i32x4.splat (i32.add (local.get 0) (i32.const \($0))))" }.joined(separator: "\n"))
          (call $id)
          \(String(repeating: "i32x4.add ", count: count - 1))))
      """
    let sum = UInt32(count * 3 + (0..<count).reduce(0, +))
    let expected = Self.splat(sum)
    #expect(
      try Self.call(text, target, .i32(3)) == [.v128(V128(low: expected[0], high: expected[1]))])
  }

  /// Locals start as zero, few and many.
  @Test(arguments: targets, [1, 30])
  func locals(target: VectorTarget, count: Int) throws {
    let text = """
      (module (func (export "f") (param v128) (result v128) (local \(String(repeating: "v128 i32 ", count: count)))
        (v128.or (local.get \(2 * count - 1)) (v128.or (local.get 1) (i32x4.splat (local.get \(2 * count)))))))
      """
    #expect(try Self.call(text, target, .v128(V128(low: 1, high: 2))) == [.v128(.zero)])
  }

  // MARK: Control

  @Test(arguments: targets)
  func branches(target: VectorTarget) throws {
    let text = """
      (module
        (global $g (mut v128) (v128.const i64x2 1 2))
        (func (export "f") (param i32 v128) (result v128) (local v128)
          (global.set $g (i64x2.add (global.get $g) (local.get 1)))
          (v128.const i64x2 1000 2000)
          (local.set 2 (local.get 1))
          (loop (param v128) (result v128)
            (i64x2.add (local.get 2))
            (local.set 2 (v128.not (local.get 2)))
            (local.set 2 (v128.not (local.get 2)))
            (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (block (param v128) (result v128 v128)
            (block (param v128) (result v128 v128)
              (global.get $g)
              (br_table 0 1 0 1 0 1 0 (i32.add (local.get 0) (i32.const 1))))
            (i64x2.add (v128.const i64x2 1 1)))
          (i64x2.sub)
          (if (param v128) (result v128) (i32.eqz (local.get 0))
            (then (select (local.get 1) (i32.const 0)) (i64x2.add (select (result v128) (global.get $g) (local.get 2) (i32.const 1))))
            (else))))
      """
    // Sum: 1000 + 3 * 5, 2000 + 3 * 7; the branch swaps nothing and leaves (sum, g).
    let results = try Self.call(text, target, .i32(3), .v128(V128(low: 5, high: 7)))
    #expect(results == [.v128(V128(low: 5 + 6, high: 7 + 9))])
  }

  @Test(arguments: targets)
  func leavesLoopWithItsHomes(target: VectorTarget) throws {
    let text = """
      (module
        (func (export "f") (param i32 v128) (result v128) (local i64)
          (v128.const i64x2 1000 2000)
          (loop (param v128) (result v128)
            (i64x2.add (local.get 1))
            (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
      """
    let machine = try BaselineCase(text, function: "f", target: target)
    let instance = machine.instance
    let module = instance.module
    // Behind the constant, which ends with zeros.
    let loop = try #require(
      module.functions[0].body.first { module.bytes[$0 - 1] == 0 && module.bytes[$0] == 3 })
    let compiled = try BaselineCompiler.compile(
      module, function: 0, layout: instance.layout,
      options: BaselineOptions(loopNumbers: [loop: 0], target: target))
    let code = ExecutableCode(compiled.code)
    // The OSR entry returns in rax the sum of all quadwords that have values, weighted.
    var assembler = Assembler()
    assembler.load(.qword, .rcx, .memory(.rdi, Int32(ContextLayout.osrBuffer)))
    assembler.load(.dword, .rax, .memory(.rcx))
    for (quadword, weight) in [(2, 10), (3, 100), (4, 1), (6, 1000), (7, 10000)] {
      assembler.load(.qword, .rdx, .memory(.rcx, Int32(8 * quadword)))
      assembler.multiply(.qword, .rdx, .register(.rdx), Int32(weight))
      assembler.arithmetic(.add, .qword, .rax, .register(.rdx))
    }
    assembler.return()
    let entry = ExecutableCode(assembler.code)
    var request: [UInt8] = [1]
    var codes = [entry.address]
    var buffer = [UInt64](repeating: 0, count: 8)
    // Loads the vector argument, and calls.
    assembler = Assembler()
    assembler.load(.xmm0, .memory(.rdx))
    assembler.jump(.register(.rcx))
    let enter = ExecutableCode(assembler.code)
    let result = request.withUnsafeMutableBufferPointer { request in
      codes.withUnsafeMutableBufferPointer { codes in
        buffer.withUnsafeMutableBufferPointer { buffer in
          for (field, value) in [
            (ContextLayout.loopRequests, UInt(bitPattern: request.baseAddress)),
            (ContextLayout.loopCode, UInt(bitPattern: codes.baseAddress)),
            (ContextLayout.osrBuffer, UInt(bitPattern: buffer.baseAddress)),
          ] {
            instance.context.storeBytes(of: value, toByteOffset: field, as: UInt.self)
          }
          let function = unsafeBitCast(
            enter.address,
            to: (@convention(c) (UnsafeMutableRawPointer, UInt64, UnsafePointer<UInt64>, UInt) ->
              UInt64).self)
          return FrameEntry.withoutStackLimit(instance) {
            function(instance.context, 9, [5, 7], code.address)
          }
        }
      }
    }
    #expect(result == 9 + 5 * 10 + 7 * 100 + 1000 * 1000 + 2000 * 10000)
  }

  // MARK: Memory

  /// At the end of memory: traps, and no byte is written.
  @Test(
    arguments: targets,
    [
      ("v128.store", 16, ""), ("v128.store8_lane", 1, " 15"), ("v128.store16_lane", 2, " 1"),
      ("v128.store32_lane", 4, " 0"), ("v128.store32_lane", 4, " 3"),
      ("v128.store64_lane", 8, " 0"),
      ("v128.store64_lane", 8, " 1"),
    ])
  func storesFaultAsAWhole(target: VectorTarget, store: (name: String, size: Int, lane: String))
    throws
  {
    let text = """
      (module (memory (export "memory") 1)
        (func (export "f") (param i32 v128)
          (\(store.name) offset=1\(store.lane) (local.get 0) (local.get 1))))
      """
    let module = try Module(validating: assemble(text))
    let machine = try Machine()
    let instance = try machine.linker.instantiate(CompiledModule(module, target: target))
    let memory = try #require(instance.exportedMemory("memory"))
    let ones = Value.v128(V128(low: .max, high: .max))
    for excess in 1...store.size {
      let address = 65536 - store.size + excess
      let trap = try #require(try instance.trap("f", .i32(Int32(address - 1)), ones))
      #expect(trap.code == .outOfBoundsMemoryAccess)
      let offset = try #require(trap.frames.first?.byteOffset)
      #expect(module.bytes[offset] == 0xFD)
    }
    #expect(memory.read(at: 65536 - 16, count: 16) == [UInt8](repeating: 0, count: 16))
    _ = try instance.call("f", .i32(Int32(65535 - store.size)), ones)
    let written = [UInt8](repeating: 0xFF, count: store.size)
    #expect(
      memory.read(at: 65536 - 16, count: 16)
        == [UInt8](repeating: 0, count: 16 - store.size) + written)
  }

  // MARK: What depends on the target

  /// The suite has no tests of these.
  @Test(arguments: [
    ("f32x4_s", [1.5, -1.5, .nan, 3e9] as [Float], [1, UInt32(bitPattern: -1), 0, 0x7FFF_FFFF]),
    (
      "f32x4_s", [-3e9, 2_147_483_520, -2_147_483_648, -0.9], [1 << 31, 2_147_483_520, 1 << 31, 0]
    ),
    ("f32x4_u", [1.5, -1.5, .nan, 3e9], [1, 0, 0, 3_000_000_000]),
    ("f32x4_u", [-0.9, 4_294_967_040, 4_294_967_296, 0], [0, 4_294_967_040, .max, 0]),
  ])
  func relaxedTruncation(name: String, lanes: [Float], deterministic: [UInt32]) throws {
    let text = """
      (module (func (export "f") (param v128) (result v128)
        (i32x4.relaxed_trunc_\(name) (local.get 0))))
      """
    for (_, features) in VectorInstructionTests.targets {
      let exact = VectorTarget(features: features, relaxed: .deterministic)
      #expect(try Self.call(text, exact, .v128(V128(lanes))) == [.v128(V128(deterministic))])
      let shortest = VectorTarget(features: features)
      guard case .v128(let result) = try Self.call(text, shortest, .v128(V128(lanes)))[0] else {
        Issue.record("no vector")
        continue
      }
      // What is in range.
      for (lane, value) in lanes.enumerated() {
        let limits: ClosedRange<Float> =
          name.hasSuffix("s") ? -2_147_483_648...2_147_483_520 : -0.9...4_294_967_040
        if limits.contains(value) {
          #expect(result.lanes(UInt32.self)[lane] == deterministic[lane])
        }
      }
      if name.hasSuffix("s"), shortest.relaxed.contains(.truncationIndefinite) {
        let others = zip(lanes, result.lanes(UInt32.self)).filter {
          $0.0.isNaN || abs($0.0) > 2_147_483_648
        }
        #expect(others.allSatisfy { $0.1 == 1 << 31 })
      }
    }
  }

  /// An artefact for a lesser CPU means the same on a better one.
  @Test func relaxedMeaningIsNotTheTargets() throws {
    let text = """
      (module (func (export "f") (param v128) (result v128)
        (f64x2.relaxed_madd (local.get 0) (local.get 0) (v128.const f64x2 -1 -1))))
      """
    let value = V128([1 + 0x1p-30, 1 - 0x1p-30])
    let least = try Self.call(text, .least, .v128(value))
    #expect(least == [.v128(V128([0x1p-29, -0x1p-29]))])
    let native = VectorTarget(features: Processor.features, relaxed: VectorTarget.least.relaxed)
    #expect(try Self.call(text, native, .v128(value)) == least)
  }

  @Test func otherCodeIsTheSameForAllTargets() throws {
    let text = """
      (module (memory 1)
        (func (export "f") (param f64 i32) (result f64) (local f32)
          (f64.store (local.get 1) (f64.min (local.get 0) (f64.load (local.get 1))))
          (local.set 2 (f32.sqrt (f32.convert_i32_u (local.get 1))))
          (select (f64.promote_f32 (local.get 2)) (f64.const 1.5) (local.get 1))))
      """
    let module = try Module(validating: assemble(text))
    let layout = ContextLayout(module)
    let codes = try Self.targets.map { target in
      try BaselineCompiler.compile(
        module, function: 0, layout: layout, options: BaselineOptions(target: target)
      ).code
    }
    #expect(Set(codes).count == 1)
  }
}
