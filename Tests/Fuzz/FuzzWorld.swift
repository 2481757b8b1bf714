import Contract
import Feedback
import Runtime
import TestSupport
import Verification
import Wasm

/// One instance of a ``FuzzProgram``, and of its library, in a store of their own.
final class FuzzWorld {
  let store: Store
  let library: Instance?
  let main: Instance
  private let host = Host()

  /// What one call came to.
  struct Step: Equatable {
    var outcome: String
    var isTrap: Bool
    /// Whether the call exhausted the stack. What had happened until then depends on the size of frames, which is each tier's
    /// own.
    var exhaustsStack = false
    /// Of all memories, globals and tables.
    var digest: UInt64
  }

  init(_ main: CompiledModule, library: CompiledModule?) throws {
    store = try Store()
    let linker = Linker(store)
    let host = host
    try linker.defineFunction("host", "note", FunctionType([.i32], [.i32])) { slots in
      host.notes &+= 1
      slots[0] = UInt64(UInt32(truncatingIfNeeded: slots[0]) &* 33 ^ host.notes)
    }
    try linker.defineFunction("host", "pick", FunctionType([.i32, .i32], [.i32])) { slots in
      slots[0] = UInt64(
        host.pick(
          site: UInt32(truncatingIfNeeded: slots[0]), count: UInt32(truncatingIfNeeded: slots[1])))
    }
    self.library = try library.map { try linker.instantiate($0) }
    if let instance = self.library { linker.define("lib", instance) }
    self.main = try linker.instantiate(main)
  }

  /// What the modules import from.
  private final class Host {
    var mode: Int32 = 0
    var tick: UInt32 = 0
    var notes: UInt32 = 0

    /// The function to call at a site, less than `count` in all modes but 5.
    func pick(site: UInt32, count: UInt32) -> UInt32 {
      tick &+= 1
      let (usual, other) = (site % count, (site &+ 1) % count)
      switch mode {
      case 1: return other
      case 2: return (site &+ tick & 1) % count
      case 3: return (tick &* 0x9E37_79B1) >> 13 % count
      case 4: return tick % 11 == 0 ? other : usual
      case 5: return tick % 32 == 0 ? count + tick >> 5 & 3 : usual
      default: return usual
      }
    }
  }

  var instances: [Instance] { [main] + (library.map { [$0] } ?? []) }

  func setBudget(_ budget: Int?) { for instance in instances { instance.deoptBudget = budget } }

  var deopts: UInt64 { instances.reduce(0) { $0 + ($1.deoptStatistics?.deopts ?? 0) } }

  func call(_ call: FuzzProgram.Call) throws -> Step {
    let (outcome, trap) = try outcome(call)
    return Step(
      outcome: outcome, isTrap: trap != nil, exhaustsStack: trap == .stackOverflow, digest: digest)
  }

  private func outcome(_ call: FuzzProgram.Call) throws -> (text: String, trap: TrapCode?) {
    if case .run(let mode, _, let seed) = call {
      host.mode = mode
      host.tick = UInt32(bitPattern: seed)
    }
    guard let function = main.exportedFunction(call.export) else {
      throw UsageError(message: "no export \(call.export)")
    }
    do {
      return ("\(try function.call(call.arguments.map { .i32($0) }))", nil)
    } catch let trap as Trap {
      return (Observation.describe(trap), trap.code)
    } catch let exception as Exception {
      return (Observation.describe(exception), nil)
    }
  }

  private var digest: UInt64 {
    instances.reduce(0) { StateComparison.mix($0, StateComparison.digest(of: $1)) }
  }

  /// For a step that differs.
  func differences(_ other: FuzzWorld) -> [String] {
    zip(instances, other.instances).flatMap { StateComparison.differences($0, $1) }
  }

  /// What instances that count were seen to do.
  static func profile(of instance: Instance) throws -> ModuleProfile {
    try instance.recordedProfile?.match(instance.module) ?? ModuleProfile()
  }
}
