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
  private var notes: Int32 = 0

  /// What one call came to.
  struct Step: Equatable {
    var outcome: String
    /// Of all memories, globals and tables.
    var digest: UInt64
  }

  init(_ main: CompiledModule, library: CompiledModule?) throws {
    store = try Store()
    let linker = Linker(store)
    let box = Box()
    try linker.defineFunction("host", "note", FunctionType([.i32], [.i32])) { slots in
      box.count &+= 1
      slots[0] = UInt64(UInt32(truncatingIfNeeded: slots[0]) &* 33 ^ UInt32(box.count))
    }
    self.library = try library.map { try linker.instantiate($0) }
    if let instance = self.library { linker.define("lib", instance) }
    self.main = try linker.instantiate(main)
  }

  private final class Box { var count = 0 }

  var instances: [Instance] { [main] + (library.map { [$0] } ?? []) }

  func setBudget(_ budget: Int?) { for instance in instances { instance.deoptBudget = budget } }

  var deopts: UInt64 { instances.reduce(0) { $0 + ($1.deoptStatistics?.deopts ?? 0) } }

  func call(_ call: FuzzProgram.Call) throws -> Step {
    Step(outcome: try outcome(call), digest: digest)
  }

  private func outcome(_ call: FuzzProgram.Call) throws -> String {
    let arguments: [Value] =
      switch call {
      case .run(let mode, let count, let seed): [.i32(mode), .i32(count), .i32(seed)]
      case .set(let site, let target): [.i32(site), .i32(target)]
      }
    guard let function = main.exportedFunction(call.export) else {
      throw UsageError(message: "no export \(call.export)")
    }
    do {
      return "\(try function.call(arguments))"
    } catch let trap as Trap {
      return Observation.describe(trap)
    }
  }

  private var digest: UInt64 {
    var hash: UInt64 = 0
    func mix(_ value: UInt64) { hash = (hash ^ value) &* 0x9E37_79B9_7F4A_7C15 ^ hash >> 29 }
    for instance in instances {
      for memory in instance.memories {
        memory.withUnsafeMutableBytes { mix(StableHash.of(UnsafeRawBufferPointer($0))) }
      }
      for number in StateComparison.numbers(of: instance) { mix(number) }
    }
    return hash
  }

  /// For a step that differs.
  func differences(_ other: FuzzWorld) -> [String] {
    zip(instances, other.instances).flatMap { StateComparison.differences($0, $1) }
  }

  /// What instances that count were seen to do.
  static func profile(of instance: Instance) throws -> ModuleProfile {
    guard let layout = instance.compiledModule.feedback, let counters = instance.counters else {
      return ModuleProfile()
    }
    // The instance's own area, of the size that the layout says; the world keeps both alive.
    let bytes = UnsafeRawBufferPointer(start: counters, count: layout.size)
    return try ProfileFile(module: instance.module, layout: layout, counters: bytes)
      .match(instance.module)
  }
}
