import Contract
import Speculation
import Wasm

/// A guard with a deopt: its number in the plan of the function whose code it is in. One number from the plan to the artefact's
/// tables: exits have it (``DeoptExit``), and so have the compares, through LLVM, in the names of the symbols that they
/// compare with (``GuardSymbol``).
public struct GuardID: Hashable, Sendable {
  /// Index in the module's function index space.
  public var function: Int
  /// Position in ``Speculation/InliningTree/guards`` of the function's version with deopts.
  public var number: Int

  /// A guard of a function.
  public init(function: Int, number: Int) {
    self.function = function
    self.number = number
  }
}

/// Numbers all guards of a plan, function by function. The runtime counts misses by these numbers.
struct GuardNumbering {
  /// By number.
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

  /// Number of a guard in the whole artefact; nil if its function has none.
  func number(of id: GuardID) -> UInt32? { bases[id.function].map { UInt32($0 + id.number) } }
}
