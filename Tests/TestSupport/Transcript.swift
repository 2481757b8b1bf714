import Contract
import Runtime
import Wasm

/// What a module does when its exports are called one after the other, as lines that another engine can write too
/// (`Tests/Differential/wasmtime_transcript.py` does). Left out is what the specification leaves open: the bits of NaNs,
/// and which of two table traps it is.
///
///     log i32:5                        the host function of an import was called
///     func_3(i32:1): i64:7             an export returned
///     func_4(): trap: unreachable      or trapped
///     state: memory 65536 1b2c3d4e, global$0 i32:3      once all were called
public struct Transcript: Equatable, Sendable {
  public var lines: [String] = []
  /// Of the frames of each trap, innermost first: for comparisons between tiers.
  public var backtraces: [String] = []
  /// Whether a limit of the machine or the engine ended it, so that others may go on at its last line.
  public private(set) var isCutOff = false

  public init() {}

  public struct Limits: Sendable {
    public var stackSize = 1 << 20
    public var memoryPages = 1 << 10
    /// Processor time: what a busy machine does must not show in a transcript.
    public var time = Duration.seconds(10)
    /// Lines at most: a module may log in a loop.
    public var lines = 20_000

    public init() {}
  }

  private struct TooLong: Error {}

  /// Times that all exports are called; each time with other arguments.
  public static let rounds = 3

  /// - Parameter adjust: called with the instance before its start function runs.
  /// - Returns: the instance too; nil if there is none.
  public static func run(
    _ module: CompiledModule, limits: Limits = Limits(),
    adjust: (Instance) throws -> Void = { _ in }
  ) throws -> (transcript: Transcript, instance: Instance?, store: Store) {
    var storeLimits = Store.Limits()
    storeLimits.stackSize = limits.stackSize
    storeLimits.memoryPages = limits.memoryPages
    let store = try Store(limits: storeLimits)
    let writer = Writer(limits)
    let linker = Linker(store)
    try writer.defineImports(of: module.module, linker)
    var instance: Instance?
    try store.withProcessorTimeLimit(limits.time) {
      instance = try writer.instantiate(module, linker, adjust)
      if let instance { try writer.callAll(instance) }
    }
    return (writer.transcript, instance, store)
  }

  /// Host functions write to it as well.
  private final class Writer {
    var transcript = Transcript()
    private let limits: Limits

    init(_ limits: Limits) { self.limits = limits }

    func write(_ line: String) throws {
      guard transcript.lines.count < limits.lines else {
        transcript.isCutOff = true
        throw TooLong()
      }
      transcript.lines.append(line)
    }

    /// Functions only: a module that imports anything else does not link.
    func defineImports(of module: Module, _ linker: Linker) throws {
      for wanted in module.imports {
        guard case .function(let typeIndex) = wanted.type else { continue }
        let type = module.functionType(typeIndex)
        try linker.defineFunction(wanted.module, wanted.name, type) {
          [unowned self, unowned store = linker.store] slots in
          let values = type.parameters.enumerated().map { index, type in
            // The call has as many slots as its type has parameters.
            Transcript.text(slots, index, type, store)
          }
          try write(([wanted.name.replacing("log-", with: "log ")] + values).joined(separator: " "))
          for (index, type) in type.results.enumerated() {
            if type == .v128 { slots[vector: index] = .zero } else { slots[index] = 0 }
          }
        }
      }
    }

    func instantiate(
      _ module: CompiledModule, _ linker: Linker, _ adjust: (Instance) throws -> Void
    ) throws -> Instance? {
      do {
        return try linker.instantiate(module, beforeStart: adjust)
      } catch let trap as Trap {
        try write("instantiation: trap: \(note(trap))")
      } catch is LinkError {
        try write("instantiation: unlinkable")
      } catch is ResourceError {
        try write("instantiation: unlinkable")
      }
      return nil
    }

    func callAll(_ instance: Instance) throws {
      let start = instance.exportedFunction("hangLimitInitializer")
      for round in 0..<Transcript.rounds {
        for (number, name) in instance.exportNames.enumerated() {
          guard let function = instance.exportedFunction(name) else { continue }
          _ = try start?.call()
          try call(name, function, Transcript.arguments(function.type, round + number))
          if transcript.isCutOff { return }
        }
        try writeState(instance)
      }
    }

    private func call(_ name: String, _ function: Runtime.Function, _ arguments: [Value]) throws {
      let text = "\(name)(\(arguments.map(\.transcriptText).joined(separator: ", "))):"
      do {
        let results = try function.call(arguments)
        try write(([text] + results.map(\.transcriptText)).joined(separator: " "))
      } catch let trap as Trap {
        try write("\(text) trap: \(note(trap))")
      } catch is TooLong {
        return
      }
    }

    private func note(_ trap: Trap) -> String {
      switch trap.code {
      case .stackOverflow, .interrupted: transcript.isCutOff = true
      default:
        transcript.backtraces.append(
          trap.frames.map { "\($0.function)@\($0.byteOffset)" }.joined(separator: " "))
      }
      return trap.code.transcriptText
    }

    private func writeState(_ instance: Instance) throws {
      var parts: [String] = []
      for name in instance.exportNames {
        switch instance.export(name) {
        case .memory(let memory)?:
          let sum = memory.withUnsafeMutableBytes { CRC32.of(UnsafeRawBufferPointer($0)) }
          parts.append("\(name) \(memory.byteCount) \(String(sum, radix: 16))")
        case .global(let global)?: parts.append("\(name) \(global.value.transcriptText)")
        case .table(let table)?: parts.append("\(name) \(table.count)")
        default: continue
        }
      }
      try write("state: \(parts.joined(separator: ", "))")
    }
  }
}

// MARK: Values

extension Transcript {
  private static let integers: [Int64] = [
    0, 1, -1, 7, 0x7FFF_FFFF, -0x8000_0000, 1024, 0x1234_5678_9ABC_DEF0, 3, -8,
  ]
  private static let floats: [Double] = [0, 1, -1.5, 1e9, -0.0, 65_536.25, 1e-30, -3e38]

  /// The values that stand in each argument's place in turn.
  static func arguments(_ type: FunctionType, _ turn: Int) -> [Value] {
    type.parameters.enumerated().map { place, type in
      let integer = integers[(turn + 3 * place) % integers.count]
      let float = floats[(turn + 3 * place) % floats.count]
      return switch type {
      case .i32: .i32(Int32(truncatingIfNeeded: integer))
      case .i64: .i64(integer)
      case .f32: .f32(Float(float))
      case .f64: .f64(float)
      case .v128: .v128(V128(low: UInt64(bitPattern: integer), high: float.bitPattern))
      default: .zero(type)
      }
    }
  }

  fileprivate static func text(
    _ slots: CallSlots, _ index: Int, _ type: ValueType, _ store: Store
  ) -> String {
    if type == .v128 { return Value.v128(slots[vector: index]).transcriptText }
    let slot = slots[index]
    return switch type {
    case .i32: Value.i32(Int32(truncatingIfNeeded: slot)).transcriptText
    case .i64: Value.i64(Int64(bitPattern: slot)).transcriptText
    case .f32: Value.f32(UInt32(truncatingIfNeeded: slot)).transcriptText
    case .f64: Value.f64(slot).transcriptText
    default: slot == 0 ? "null" : "reference"
    }
  }
}

extension Value {
  fileprivate var transcriptText: String {
    switch self {
    case .i32(let value): "i32:\(value)"
    case .i64(let value): "i64:\(value)"
    case .f32(let bits):
      Float(bitPattern: bits).isNaN ? "f32:nan" : "f32:\(String(bits, radix: 16))"
    case .f64(let bits):
      Double(bitPattern: bits).isNaN ? "f64:nan" : "f64:\(String(bits, radix: 16))"
    case .v128(let vector): "v128:\(vector)"
    case .funcref(let function): function == nil ? "null" : "reference"
    case .externref(let handle): handle == nil ? "null" : "reference"
    case .exnref(let exception): exception?.message ?? "null"
    }
  }
}

extension TrapCode {
  /// The specification knows one trap for both ways to miss a table, engines tell them apart in different ways.
  fileprivate var transcriptText: String {
    self == .undefinedElement ? TrapCode.outOfBoundsTableAccess.message : message
  }
}

/// The checksum of zlib and Ethernet, which every language has.
enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0xEDB8_8320 }
  }

  static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var sum: UInt32 = ~0
    table.withUnsafeBufferPointer { table in
      for byte in bytes { sum = sum >> 8 ^ table[Int((sum ^ UInt32(byte)) & 0xFF)] }
    }
    return ~sum
  }
}
