import Contract
import Runtime
import Verification
import Wasm

/// A module, and calls of its exports of which many trap. Each case starts with fresh state.
///
/// Its module may import `host.note`, of type i32 → i32, which keeps its arguments: what was called is an effect as well.
public struct TrapProgram: Sendable {
  public struct Call: Sendable, CustomStringConvertible {
    public var export: String
    public var arguments: [Argument]

    public init(_ export: String, _ arguments: [Argument]) {
      self.export = export
      self.arguments = arguments
    }

    public var description: String {
      ([export] + arguments.map(\.description)).joined(separator: " ")
    }
  }

  public enum Argument: Sendable, Equatable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    case i32(Int32)
    case i64(Int64)
    /// Bits.
    case f32(UInt32)
    case f64(UInt64)
    case externref(UInt64)

    public init(integerLiteral value: Int32) { self = .i32(value) }

    var value: Value {
      switch self {
      case .i32(let value): .i32(value)
      case .i64(let value): .i64(value)
      case .f32(let bits): .f32(bits)
      case .f64(let bits): .f64(bits)
      case .externref(let handle): .externref(handle)
      }
    }

    public var description: String {
      switch self {
      case .i32(let value): "\(value)"
      case .i64(let value): "\(value)"
      case .f32(let bits): "0x\(String(bits, radix: 16))"
      case .f64(let bits): "0x\(String(bits, radix: 16))"
      case .externref(let handle): "extern\(handle)"
      }
    }
  }

  public struct Case: Sendable {
    public var name: String
    public var calls: [Call]

    public init(_ name: String, _ calls: [Call]) {
      self.name = name
      self.calls = calls
    }
  }

  public var text: String
  /// What a profile is recorded of.
  public var training: [Call]
  public var cases: [Case]
  /// Whether memories start with a pattern, so that a load of the wrong place shows.
  public var fillsMemory = true

  public init(_ text: String, training: [Call], cases: [Case]) {
    self.text = text
    self.training = training
    self.cases = cases
  }
}

/// What one call came to, and the state behind it.
public struct TrapStep: Equatable, Sendable {
  /// Results, or the trap with the places of its frames.
  public var outcome: String
  public var isTrap: Bool
  /// Of all memories, globals, tables and of what the host was told.
  public var digest: UInt64

  /// The outcome without the frames of a trap.
  var reason: Substring {
    guard isTrap, let places = outcome.firstRange(of: " at function ") else { return outcome[...] }
    return outcome[..<places.lowerBound]
  }
}

/// An instance of a ``TrapProgram``, in a store of its own.
final class TrapWorld {
  let store: Store
  let instance: Instance
  private let host = Host()

  private final class Host { var notes: [UInt32] = [] }

  init(_ module: CompiledModule, fillsMemory: Bool) throws {
    var limits = Store.Limits()
    // So that exhausting it takes little time.
    limits.stackSize = 64 << 10
    store = try Store(limits: limits)
    let linker = Linker(store)
    let host = host
    try linker.defineFunction("host", "note", FunctionType([.i32], [.i32])) { slots in
      host.notes.append(UInt32(truncatingIfNeeded: slots[0]))
      slots[0] = UInt64(host.notes.count)
    }
    instance = try linker.instantiate(module)
    for memory in instance.memories where fillsMemory {
      memory.withUnsafeMutableBytes { bytes in
        for place in bytes.indices { bytes[place] = Self.byte(at: place) }
      }
    }
  }

  private static func byte(at place: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: place &* 7 &+ place >> 8)
  }

  var deopts: UInt64 { instance.deoptStatistics?.deopts ?? 0 }

  func call(_ call: TrapProgram.Call) throws -> TrapStep {
    guard let function = instance.exportedFunction(call.export) else {
      throw NoSuchExport(name: call.export)
    }
    do {
      let results = try function.call(call.arguments.map(\.value))
      return TrapStep(outcome: "\(results)", isTrap: false, digest: digest)
    } catch let trap as Trap {
      return TrapStep(outcome: Observation.describe(trap), isTrap: true, digest: digest)
    }
  }

  private var digest: UInt64 {
    var hash = StateComparison.digest(of: instance)
    for note in host.notes { hash = StateComparison.mix(hash, UInt64(note)) }
    return hash
  }

  /// For a step that differs.
  func differences(_ other: TrapWorld) -> [String] {
    let notes =
      host.notes == other.host.notes
      ? [] : ["the host was told \(host.notes) on the baseline, here \(other.host.notes)"]
    return StateComparison.differences(instance, other.instance) + notes
  }
}
