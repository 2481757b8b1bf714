import Contract
import Runtime
import TestSupport
import Testing
import Wasm

/// Atomic instructions on an unshared memory, on the baseline and compiled: against a model of their own, wherever their operands
/// are, and with the traps of misaligned and distant addresses in their order.
@Suite struct AtomicTests {
  typealias Call = DeoptComparison.Call
  typealias Outcome = DeoptComparison.Outcome

  /// Where operands are when the instruction comes.
  enum Place: CaseIterable {
    case locals, homes, registers
  }

  static let opcodes = Opcode.allCases.filter { AtomicAccess($0) != nil }
  static let waiting: [Opcode] = [.memoryAtomicNotify, .memoryAtomicWait32, .memoryAtomicWait64]

  /// Instruction N as `PLACE N`; the memory's first bytes by `set` and `get`.
  static func module(_ opcodes: [Opcode], offset: Int = 0) -> String {
    var functions = ""
    for (number, opcode) in opcodes.enumerated() {
      let signature = opcode.info.signature!
      let types = signature.operands.map { "\($0 ?? .i32)" }
      let result = signature.results.first.map { "(result \($0 ?? .i32))" } ?? ""
      for place in Place.allCases {
        let operands =
          types.enumerated().map { index, type in
            switch place {
            case .locals: "(local.get \(index))"
            case .homes: "(call $\(type) (local.get \(index)))"
            case .registers: "(\(type).add (local.get \(index)) (\(type).const 0))"
            }
          }.joined(separator: " ") + (place == .homes ? "(call $nothing)" : "")
        functions += """
          (func (export "\(place) \(number)") (param \(types.joined(separator: " "))) \(result)
            (\(opcode.info.mnemonic) offset=\(offset) \(operands)))

          """
      }
    }
    return """
      (module
        (memory (export "memory") 1)
        (func $nothing)
        (func $i32 (param i32) (result i32) (local.get 0))
        (func $i64 (param i64) (result i64) (local.get 0))
        (func (export "set") (param i64) (i64.store offset=8 (i32.const 0) (local.get 0)))
        (func (export "get") (result i64) (i64.load offset=8 (i32.const 0)))
        \(functions))
      """
  }

  // MARK: Results

  /// What an access makes of 8 bytes, the first of which are its own: its result, and the bytes after it.
  static func model(
    _ access: AtomicAccess, _ memory: UInt64, _ operands: [UInt64]
  ) -> (result: UInt64?, memory: UInt64) {
    let mask = UInt64.max >> UInt64(64 - 8 * access.size)
    let old = memory & mask
    let operand = operands.last ?? 0
    let new: UInt64 =
      switch access.operation {
      case .load: old
      case .store, .exchange: operand
      case .add: old &+ operand
      case .subtract: old &- operand
      case .and: old & operand
      case .or: old | operand
      case .exclusiveOr: old ^ operand
      case .compareExchange: old == operands[0] & mask ? operand : old
      }
    return (access.operation == .store ? nil : old, memory & ~mask | new & mask)
  }

  private static func value(_ type: ValueType, _ bits: UInt64) -> Value {
    type == .i32 ? .i32(Int32(truncatingIfNeeded: bits)) : .i64(Int64(bitPattern: bits))
  }

  @Test func results() throws {
    var random = TestRandom(seed: 15)
    var calls: [Call] = []
    var expected: [(call: String, outcome: Outcome)] = []
    for (number, opcode) in Self.opcodes.enumerated() {
      let access = try #require(AtomicAccess(opcode))
      let count = opcode.info.signature!.operands.count - 1
      for place in Place.allCases {
        for round in 0..<4 {
          let memory = random.next()
          let limit = access.type == .i32 ? UInt64(UInt32.max) : .max
          var operands = (0..<count).map { _ in random.next() & limit }
          // What is there, so that it is exchanged; also with a higher bit, which does not count.
          let mask = UInt64.max >> UInt64(64 - 8 * access.size)
          if count == 2, round > 0 { operands[0] = memory & mask }
          if count == 2, round == 2, limit > mask { operands[0] |= mask + 1 }
          let (result, after) = Self.model(access, memory, operands)
          let name = "\(place) \(number)"
          calls.append(("set", [.i64(Int64(bitPattern: memory))]))
          calls.append((name, [.i32(8)] + operands.map { Self.value(access.type, $0) }))
          calls.append(("get", []))
          expected.append((name, .returned(result.map { [Self.value(access.type, $0)] } ?? [])))
          expected.append((name, .returned([.i64(Int64(bitPattern: after))])))
        }
      }
    }
    let result = try DeoptComparison(DeoptCase(Self.module(Self.opcodes), []), calls)
    let outcomes = result.baseline.outcomes.enumerated().filter { $0.offset % 3 != 0 }
    for ((_, outcome), (name, right)) in zip(outcomes, expected) {
      #expect(outcome == right, "\(name): \(Self.opcodes[Int(name.split(separator: " ")[1])!])")
    }
    #expect(outcomes.count == expected.count)
    #expect(result.optimized.outcomes == result.baseline.outcomes)
    #expect(result.optimized.memories == result.baseline.memories)
  }

  // MARK: Traps

  /// Alignment is checked first, then bounds, then whether the memory is shared. Each trap names the instruction, and writes nothing.
  @Test(arguments: [0, 1, 7, 65_532, 0xFFFF_FFF8])
  func traps(offset: Int) throws {
    let opcodes = Self.opcodes + Self.waiting
    let addresses = [
      0, 1, 2, 4, 8, 65_520, 65_528, 65_533, 65_535, 65_536, 0xFFFF_FFF8, 0xFFFF_FFFF,
    ]
    var calls: [Call] = []
    var expected: [TrapCode?] = []
    for (number, opcode) in opcodes.enumerated() {
      guard case .atomicArgument(let size) = opcode.immediate else { continue }
      for place in Place.allCases {
        for address in addresses {
          let operands = opcode.info.signature!.operands.dropFirst().map { Self.value($0!, 1) }
          calls.append(
            ("\(place) \(number)", [.i32(Int32(truncatingIfNeeded: address))] + operands))
          let isWait = opcode == .memoryAtomicWait32 || opcode == .memoryAtomicWait64
          expected.append(
            (address + offset) % size != 0
              ? .unalignedAtomic
              : address + offset + size > 65_536
                ? .outOfBoundsMemoryAccess : isWait ? .expectedSharedMemory : nil)
        }
      }
    }
    let program = try DeoptCase(Self.module(opcodes, offset: offset), [])
    let result = try DeoptComparison(program, calls)
    for (index, outcome) in result.baseline.outcomes.enumerated() {
      guard case .trapped(let code, let places) = outcome else {
        #expect(expected[index] == nil, "\(calls[index])")
        continue
      }
      #expect(code == expected[index], "\(calls[index])")
      let number = Int(calls[index].function.split(separator: " ")[1])!
      let offsets = try program.module.offsets(of: opcodes[number], function: places[0].function)
      #expect(places.map(\.byteOffset) == offsets, "\(calls[index])")
    }
    #expect(result.optimized.outcomes == result.baseline.outcomes)
    #expect(result.optimized.memories == result.baseline.memories)
    #expect(result.optimized.tiers.allSatisfy { $0 == [.optimized] })
  }

  /// Nobody waits, so nobody is woken.
  @Test func notifyAndFence() throws {
    let program = try DeoptCase(
      """
      (module
        (memory 1)
        (func (export "notify") (param i32) (result i32)
          (atomic.fence)
          (memory.atomic.notify (local.get 0) (i32.const -1))
          (atomic.fence)))
      """, [])
    let result = try DeoptComparison(program, [("notify", [.i32(8)]), ("notify", [.i32(65_532)])])
    #expect(result.baseline.outcomes == [.returned([.i32(0)]), .returned([.i32(0)])])
    #expect(result.optimized.outcomes == result.baseline.outcomes)
  }

  /// In a loop that leaves the memory, or gets to an address that is not aligned, all before it has happened and nothing behind it.
  @Test func loops() throws {
    let program = try DeoptCase(
      """
      (module
        (memory (export "memory") 1)
        (global $count (export "count") (mut i32) (i32.const 0))
        (func (export "run") (param $at i32) (param $step i32) (param $n i32) (result i32)
          (local $sum i32)
          (loop $again
            (local.set $sum
              (i32.add (local.get $sum)
                (i32.atomic.rmw.add offset=4 (local.get $at) (local.get $n))))
            (global.set $count (i32.add (global.get $count) (i32.const 1)))
            (local.set $at (i32.add (local.get $at) (local.get $step)))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
          (local.get $sum)))
      """, [], loopCount: 1_000)
    let calls: [Call] = [(0, 4, 100), (65_500, 4, 100), (0, 4, 20_000), (0, 6, 10), (8, 0, 50)].map
    {
      ("run", [.i32($0.0), .i32($0.1), .i32($0.2)])
    }
    let result = try DeoptComparison(program, calls)
    #expect(result.optimized.outcomes == result.baseline.outcomes)
    #expect(result.optimized.memories == result.baseline.memories)
    #expect(result.optimized.globals == result.baseline.globals)
    let codes = result.baseline.outcomes.map { outcome -> TrapCode? in
      if case .trapped(let code, _) = outcome { code } else { nil }
    }
    #expect(
      codes == [nil, .outOfBoundsMemoryAccess, .outOfBoundsMemoryAccess, .unalignedAtomic, nil])
  }
}
