import Contract
import Runtime
import Wasm

/// Runs one sequence of calls on the baseline and ahead-of-time compiled, each in a store of its own, and keeps
/// what can be seen from outside.
public struct DeoptComparison {
  public typealias Outcome = DeoptCase.Outcome
  public typealias Call = (function: String, arguments: [Value])

  public struct Side {
    public var outcomes: [Outcome] = []
    /// Tiers of the frames of each trap, innermost first.
    public var tiers: [[Trap.Tier]] = []
    /// By export name.
    public var memories: [String: [UInt8]] = [:]
    public var globals: [String: Value] = [:]
    public var instance: Instance
    public var store: Store
  }

  public let baseline: Side
  public let optimized: Side
  public var statistics: DeoptStatistics {
    optimized.instance.deoptStatistics ?? DeoptStatistics(budget: nil)
  }

  /// - Parameter define: imports.
  public init(
    _ program: DeoptCase, _ calls: [Call],
    define: @escaping (Linker, @escaping () -> Instance?) throws -> Void = { _, _ in }
  ) throws {
    baseline = try Self.run(program.baseline, calls, define)
    optimized = try Self.run(program.artefact, calls, define)
  }

  /// Runs an artefact that has all code that it needs on a thread that cannot make any.
  public static func run(
    _ module: CompiledModule, _ calls: [Call],
    _ define: @escaping (Linker, @escaping () -> Instance?) throws -> Void = { _, _ in },
    limits: Store.Limits = Store.Limits(), budget: Int?? = .none
  ) throws -> Side {
    func run() throws -> Side {
      try instantiate(module, calls, define, limits: limits, budget: budget)
    }
    return module.mayCompile ? try run() : try RestrictedThread.run { _ in try run() }
  }

  private static func instantiate(
    _ module: CompiledModule, _ calls: [Call],
    _ define: (Linker, @escaping () -> Instance?) throws -> Void, limits: Store.Limits,
    budget: Int??
  ) throws -> Side {
    let store = try Store(limits: limits)
    let linker = Linker(store)
    let box = Box()
    try define(linker, { box.instance })
    let instance = try linker.instantiate(module)
    if let budget { instance.deoptBudget = budget }
    box.instance = instance
    var side = Side(instance: instance, store: store)
    for call in calls { try side.call(call) }
    for name in instance.exportNames {
      switch instance.export(name) {
      case .memory(let memory)?:
        side.memories[name] = memory.withUnsafeMutableBytes { Array($0) }
      case .global(let global)?: side.globals[name] = global.value
      default: continue
      }
    }
    box.instance = nil
    return side
  }

  /// What host functions see of the instance that is made after them.
  private final class Box {
    var instance: Instance?
  }
}

extension DeoptComparison.Side {
  /// Calls an export and keeps what it came to.
  public mutating func call(_ call: DeoptComparison.Call) throws {
    guard let function = instance.exportedFunction(call.function) else {
      throw NoSuchExport(name: call.function)
    }
    do {
      outcomes.append(.returned(try function.call(call.arguments)))
    } catch let trap as Trap {
      outcomes.append(
        .trapped(
          trap.code, trap.frames.map { .init(function: $0.function, byteOffset: $0.byteOffset) }))
      tiers.append(trap.frames.map(\.tier))
    } catch let exception as Exception {
      outcomes.append(
        .threw(
          exception.values,
          exception.frames.map { .init(function: $0.function, byteOffset: $0.byteOffset) }))
    }
  }
}
