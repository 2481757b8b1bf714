import Contract
import Runtime
import TestSupport
import Wasm

/// A module with every load and store of one of its memories, and calls that are beside its end.
struct AccessProgram {
  typealias Call = DeoptComparison.Call

  /// Every load and store, vectors and atomics among them, as `locals N`, `homes N` and, of a fixed address, `constant N`.
  static let accesses = Opcode.allCases.map(\.info).filter { info in
    switch info.immediate {
    case .memoryArgument, .memoryArgumentAndLane: true
    case .atomicArgument: AtomicAccess(info.opcode) != nil || info.opcode == .memoryAtomicNotify
    default: false
    }
  }

  static func size(_ info: OpcodeInfo) -> Int {
    switch info.immediate {
    case .memoryArgument(let size), .memoryArgumentAndLane(let size), .atomicArgument(let size):
      size
    default: 0
    }
  }

  /// Memories in front of it.
  var others = ""
  /// The memory's type.
  var memory: String
  /// Bytes of it.
  var length: UInt64
  var addressType: ValueType = .i32
  /// Of all accesses.
  var offset: UInt64 = 0
  /// Further functions.
  var functions = ""

  /// The address of the accesses named `constant`.
  var constant: UInt64 {
    let end = offset.addingReportingOverflow(8)
    return end.overflow || end.partialValue > length ? 0 : length - end.partialValue
  }

  func address(_ number: UInt64) -> Value {
    addressType == .i64
      ? .i64(Int64(bitPattern: number)) : .i32(Int32(truncatingIfNeeded: number))
  }

  var text: String {
    let a = "\(addressType)"
    var accesses = ""
    for (number, info) in Self.accesses.enumerated() {
      let signature = info.signature!
      let operands = signature.operands.dropFirst().map { type in
        type == .v128 ? "(v128.const i64x2 -1 -2)" : "(\(type!).const 77)"
      }.joined(separator: " ")
      let result = signature.results.isEmpty ? "" : "drop"
      var immediates = "$m offset=\(offset)"
      if case .memoryArgumentAndLane = info.immediate { immediates += " 0" }
      for (place, address) in [
        ("locals", "(local.get 0)"), ("homes", "(call $same (local.get 0)) (call $nothing)"),
        ("constant", "(\(a).const \(constant))"),
      ] {
        accesses += """
          (func (export "\(place) \(number)") (param \(a))
            \(address) \(operands) (\(info.mnemonic) \(immediates)) \(result))

          """
      }
    }
    return """
      (module
        \(others)
        (memory $m (export "memory") \(memory))
        (data $passive "0123456789")
        (global $count (export "count") (mut \(a)) (\(a).const 0))
        (func $nothing)
        (func $same (param \(a)) (result \(a)) (local.get 0))
        (func (export "size") (result \(a)) (memory.size $m))
        (func (export "grow") (param \(a)) (result \(a)) (memory.grow $m (local.get 0)))
        (func (export "fill") (param \(a) \(a))
          (memory.fill $m (local.get 0) (i32.const 5) (local.get 1)))
        (func (export "copy") (param \(a) \(a))
          (memory.copy $m $m (local.get 0) (\(a).const 0) (local.get 1)))
        (func (export "init") (param \(a) i32)
          (memory.init $m $passive (local.get 0) (i32.const 0) (local.get 1)))
        (func (export "run") (param $at \(a)) (param $n \(a)) (result i64) (local $sum i64)
          (loop $again
            (i32.store16 $m offset=3 (local.get $at) (i32.const 3))
            (local.set $sum (i64.add (local.get $sum) (i64.load8_u $m (local.get $at))))
            (global.set $count (local.get $n))
            (local.set $at (\(a).add (local.get $at) (\(a).const 1)))
            (br_if $again
              (\(a).ne (local.tee $n (\(a).sub (local.get $n) (\(a).const 1))) (\(a).const 0))))
          (local.get $sum))
        \(functions)
        \(accesses))
      """
  }

  /// Every access beside the memory's end, and what must come of it.
  var calls: [(call: Call, trap: TrapCode?)] {
    var result: [(call: Call, trap: TrapCode?)] = []
    for (number, info) in Self.accesses.enumerated() {
      let size = UInt64(Self.size(info))
      var isAtomic = false
      if case .atomicArgument = info.immediate { isAtomic = true }
      func add(_ place: String, _ address: UInt64) {
        let index = place == "constant" ? constant : address
        let (start, isTooFar) = index.addingReportingOverflow(offset)
        let isInBounds = !isTooFar && start <= length && size <= length - start
        let trap: TrapCode? =
          isAtomic && start % size != 0
          ? .unalignedAtomic : isInBounds ? nil : .outOfBoundsMemoryAccess
        result.append((("\(place) \(number)", [self.address(address)]), trap))
      }
      for place in ["locals", "homes"] {
        for distance in [size - 1, size, size + 1, 0] {
          let (near, isBelow) = length.subtractingReportingOverflow(distance &+ offset)
          if !isBelow && distance &+ offset >= offset { add(place, near) }
        }
        let most = addressType.maximumAddress
        for address in [most, most - 7, most - 4095, most / 2 + 1] { add(place, address) }
        if addressType == .i64 {
          // What wraps to the start of the memory and what 32 bits would cut off.
          for address in [0 &- offset, 8 &- offset, 1 << 32, 1 << 34, 1 << 47, 1 << 63] {
            add(place, address)
          }
        }
      }
      add("constant", 0)
    }
    return result
  }

  /// Runs calls on the baseline and compiled, and expects the same.
  static func compare(
    _ text: String, _ calls: [Call], loopCount: UInt64? = nil
  ) throws -> DeoptComparison {
    try DeoptComparison(DeoptCase(text, [], loopCount: loopCount), calls)
  }

  static func code(_ outcome: DeoptComparison.Outcome) -> TrapCode? {
    if case .trapped(let code, _) = outcome { code } else { nil }
  }
}
