import Contract
import Speculation
import Wasm

/// A guard with a deopt, identified by its number in the plan of the function whose code contains it. The same number is used
/// from the plan to the artefact's tables. Exits store it (``DeoptExit``); compares carry it through LLVM in the names of the
/// symbols that they compare with (``GuardSymbol``).
public struct GuardID: Hashable, Sendable {
  /// Index in the module's function index space.
  public var function: Int
  /// Position in ``Speculation/InliningTree/guards`` of the function's version with deopts.
  public var number: Int

  /// Identifies a guard of a function.
  public init(function: Int, number: Int) {
    self.function = function
    self.number = number
  }
}

/// Numbers all guards of a plan, function by function. The runtime counts misses by these numbers.
struct GuardNumbering {
  /// The guards' locations, by number.
  private(set) var sites: [CodeLocation] = []
  /// By function: the number of its first guard.
  private var bases: [Int: Int] = [:]

  /// Numbers the guards of a plan.
  init(_ plan: CompilationPlan, _ nodes: NodeNumbering) {
    for function in plan.functions {
      guard let tree = function.speculative else { continue }
      let base = nodes.base(function: function.function, isSpeculative: true)
      bases[function.function] = sites.count
      sites += tree.guards.map {
        CodeLocation(node: UInt32(base + $0.node), byteOffset: UInt32($0.byteOffset))
      }
    }
  }

  /// The number of a guard in the whole artefact; nil if its function has none.
  func number(of id: GuardID) -> UInt32? { bases[id.function].map { UInt32($0 + id.number) } }
}
