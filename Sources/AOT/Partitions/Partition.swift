import Contract
import Feedback
import Speculation
import Wasm
import X64

/// Why a compilation failed.
public enum CompileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The module uses a feature that this compiler does not translate.
  case unsupported(String, function: Int, byteOffset: Int)
  /// The module cannot be decoded; the ``WasmError``'s description.
  case module(String)
  /// LLVM's error message.
  case llvm(String)
  /// The plan contradicts the module.
  case plan(String)
  /// The file of another step of the compilation cannot be used.
  case input(String)
  /// The system failed: a file, a process, the linker.
  case system(String)
  /// A required program, the linker, cannot be run; its name, and the reason.
  case missingTool(String, String)
  /// This process received a signal that asks it to terminate.
  case interrupted(Int32)

  public var description: String {
    switch self {
    case .unsupported(let what, let function, let byteOffset):
      "function \(function) at \(byteOffset): \(what) is not supported"
    case .module(let message): message
    case .llvm(let message): "LLVM: \(message)"
    case .plan(let message): "plan: \(message)"
    case .input(let message): message
    case .system(let message): message
    case .missingTool(let name, let reason): "cannot run the linker \(name): \(reason)"
    case .interrupted(let signal): "ended by signal \(signal)"
    }
  }
}

extension BodyWalker {
  /// ``next()`` that throws a ``CompileError``.
  mutating func nextToCompile() throws(CompileError) -> Bool {
    do throws(WasmError) {
      return try next()
    } catch {
      throw .module("\(error)")
    }
  }
}

extension InstructionReader {
  /// ``next()`` that throws a ``CompileError``.
  mutating func nextToCompile() throws(CompileError) -> Instruction? {
    do throws(WasmError) {
      return try next()
    } catch {
      throw .module("\(error)")
    }
  }
}

/// One of the compiled versions of a wasm function.
public enum FunctionVersion: Hashable, Sendable {
  /// The version that calls enter first: the speculative one if the plan has it, else the generic one.
  case entry
  /// The version without deopts. Separate from the entry only if there is a speculative version.
  case generic
  /// Generic code entered at the `loop` instruction at this byte offset. Locals and operands, the loop's parameters included,
  /// come from `ContextLayout.osrBuffer` (`SlotLayout`).
  case loop(byteOffset: Int)
}

/// The ELF symbol of a compiled function. All have hidden visibility.
public func symbolName(function: Int, version: FunctionVersion) -> String {
  switch version {
  case .entry: "wasm_f\(function)"
  case .generic: "wasm_f\(function)_generic"
  case .loop(let byteOffset): "wasm_f\(function)_loop_\(byteOffset)"
  }
}

extension FunctionPlan {
  /// The optimized versions of this function, in the order of their code.
  public var versions: [FunctionVersion] {
    (tier == .baseline ? [] : [.entry]) + (keepsGeneric ? [.generic] : [])
      + osrEntries.map { .loop(byteOffset: $0) }
  }

  /// The tier of a version. OSR entries of functions that are always inlined have none of their own.
  func tier(of version: FunctionVersion) -> Tier {
    switch version {
    case .entry: tier
    case .generic, .loop: tier == .baseline ? .middle : tier
    }
  }
}

/// The target of code generation.
public struct TargetOptions: Sendable, Equatable {
  /// LLVM's name: "x86-64-v3", "znver4".
  public var cpu: String
  /// LLVM's feature string: "+avx2,-avx512f"; empty: the CPU's own features.
  public var features: String
  /// The instruction set extensions that the code may use.
  public var extensions: Set<CPUFeature>
  /// What relaxed SIMD means in the code.
  public var relaxed: RelaxedSemantics

  /// Creates a target from LLVM's names.
  /// - Parameters:
  ///   - extensions: nil: those of `cpu`, which is then a level.
  ///   - relaxed: nil: the choices of the shortest code.
  public init(
    cpu: String = Machine.defaultLevel, features: String = "",
    extensions: [CPUFeature]? = nil, relaxed: RelaxedSemantics? = nil
  ) {
    self.cpu = cpu
    self.features = features
    self.extensions = Set(extensions ?? CPUFeature.levels[cpu] ?? [])
    self.relaxed = relaxed ?? RelaxedSemantics(shortestFor: self.extensions)
  }

  /// Whether AVX-512's instructions for vectors of 128 bits are there.
  var hasShortVectors: Bool { extensions.isSuperset(of: [.avx512f, .avx512vl]) }
}

/// Everything that the artefact needs from one partition.
public struct PartitionOutput: Sendable {
  /// ELF relocatable file from LLVM, including `.llvm_stackmaps`.
  public var object: [UInt8]
  /// Indexed by ``StatepointID/exit(_:)``.
  public var exits: [DeoptExit]
  /// The compares of guards that deoptimize.
  var compares: [CompareRecord]
  /// The ranges that may fault.
  var faults: [FaultRecord]
  /// The frames of functions that make calls.
  var frames: [FrameRecord]

  init(
    object: [UInt8], exits: [DeoptExit], compares: [CompareRecord], faults: [FaultRecord],
    frames: [FrameRecord]
  ) {
    self.object = object
    self.exits = exits
    self.compares = compares
    self.faults = faults
    self.frames = frames
  }
}

/// The state that one deopt point captures. The deopt operands of its stack map records are exactly the values of the state's
/// slots.
public struct DeoptExit: Hashable, Sendable {
  /// The guard that exits here.
  public var guardID: GuardID
  /// Nodes are numbered within the tree of the function's speculative version.
  public var state: FrameState

  /// Creates the exit of a guard.
  public init(guardID: GuardID, state: FrameState) {
    self.guardID = guardID
    self.state = state
  }
}

/// Numbers all inlining nodes of a plan: for each function the tree of its speculative version, then that of its generic
/// version, which its OSR entries share.
public struct NodeNumbering: Sendable {
  /// All nodes, by number.
  public let inlineNodes: [InlineNode]
  /// By position in the plan: the first nodes of the speculative and the generic version.
  private let bases: [(speculative: Int, generic: Int)]
  private let importedFunctionCount: Int

  /// Numbers the nodes of a plan for a module.
  public init(_ plan: CompilationPlan, module: Module) {
    var nodes: [InlineNode] = []
    var bases: [(Int, Int)] = []
    func append(_ tree: InliningTree) {
      let base = nodes.count
      for node in tree.nodes {
        nodes.append(
          InlineNode(
            function: UInt32(node.function),
            parent: node.parent.map { UInt32(base + $0) } ?? InlineNode.root,
            callOffset: node.parent == nil ? 0 : UInt32(node.callOffset)))
      }
    }
    for function in plan.functions {
      let speculativeBase = nodes.count
      if let tree = function.speculative { append(tree) }
      bases.append((speculativeBase, nodes.count))
      append(function.generic)
    }
    inlineNodes = nodes
    self.bases = bases
    importedFunctionCount = module.importedFunctionCount
  }

  /// The global number of node 0 of a version's tree; its other nodes follow.
  public func base(function: Int, isSpeculative: Bool) -> Int {
    let pair = bases[function - importedFunctionCount]
    return isSpeculative ? pair.speculative : pair.generic
  }

  /// Converts a place within a partition to a location in the whole artefact.
  func location(of place: TrapPlace) -> CodeLocation {
    place.location.renumbered(
      from: base(
        function: importedFunctionCount + place.definedFunction,
        isSpeculative: place.isSpeculative))
  }

  /// The base of a compiled version. `plan` is the function's own.
  public func base(_ plan: FunctionPlan, _ version: FunctionVersion) -> Int {
    base(
      function: plan.function, isSpeculative: version == .entry && plan.speculative != nil)
  }
}
