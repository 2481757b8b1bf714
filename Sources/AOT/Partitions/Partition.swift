import Contract
import Feedback
import Speculation
import Wasm
import X64

/// Why a compilation failed.
public enum CompileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The module uses what this compiler does not translate.
  case unsupported(String, function: Int, byteOffset: Int)
  /// The module cannot be decoded; the description of the ``WasmError``.
  case module(String)
  /// LLVM refused; its message.
  case llvm(String)
  /// The plan contradicts the module.
  case plan(String)
  /// The system failed: a file, a process, the linker.
  case system(String)
  /// A program that is needed, the linker, cannot be run; its name, and why.
  case missingTool(String, String)
  /// This process got a signal that asks it to end.
  case interrupted(Int32)

  public var description: String {
    switch self {
    case .unsupported(let what, let function, let byteOffset):
      "function \(function) at \(byteOffset): \(what) is not supported"
    case .module(let message): message
    case .llvm(let message): "LLVM: \(message)"
    case .plan(let message): "plan: \(message)"
    case .system(let message): message
    case .missingTool(let name, let reason): "cannot run the linker \(name): \(reason)"
    case .interrupted(let signal): "ended by signal \(signal)"
    }
  }
}

extension BodyWalker {
  /// ``next()``, failing as a compilation fails.
  mutating func nextToCompile() throws(CompileError) -> Bool {
    do throws(WasmError) {
      return try next()
    } catch {
      throw .module("\(error)")
    }
  }
}

extension InstructionReader {
  /// ``next()``, failing as a compilation fails.
  mutating func nextToCompile() throws(CompileError) -> Instruction? {
    do throws(WasmError) {
      return try next()
    } catch {
      throw .module("\(error)")
    }
  }
}

/// One of the compiled forms of a wasm function.
public enum FunctionVersion: Hashable, Sendable {
  /// What calls enter at first: the speculative version if the plan has one, else the generic one.
  case entry
  /// Without deopts. Exists of its own only beside a speculative version.
  case generic
  /// Generic code entered at the `loop` instruction at this byte offset, with locals and operands
  /// (the loop's parameters included) taken from `ContextLayout.osrBuffer` (`SlotLayout`).
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
  /// The versions that are compiled of this function, in the order of their code.
  public var versions: [FunctionVersion] {
    [.entry] + (speculative == nil ? [] : [.generic]) + osrEntries.map { .loop(byteOffset: $0) }
  }
}

/// What machine code is made for.
public struct TargetOptions: Sendable, Equatable {
  /// As LLVM names it: "x86-64-v3", "znver4".
  public var cpu: String
  /// As LLVM takes it: "+avx2,-avx512f"; empty for what the CPU has.
  public var features: String
  /// For hot functions: 0…3. Cold ones always get the light pipeline.
  public var optimizationLevel: Int

  /// A target by its names in LLVM.
  public init(
    cpu: String = Machine.defaultLevel, features: String = "", optimizationLevel: Int = 3
  ) {
    self.cpu = cpu
    self.features = features
    self.optimizationLevel = optimizationLevel
  }
}

/// Everything the assembly of the artefact needs from one partition.
public struct PartitionOutput: Sendable {
  /// ELF relocatable from LLVM, `.llvm_stackmaps` still in it. Its line table maps each address to
  /// line = wasm byte offset, column = 1 + inlining node within the version's own tree.
  public var object: [UInt8]
  /// Index = statepoint ID of the stack map records.
  public var exits: [DeoptExit]
  /// What guards with a deopt rest on.
  var compares: [CompareRecord]
  /// Where it may fault.
  var faults: [FaultRecord]

  init(
    object: [UInt8], exits: [DeoptExit], compares: [CompareRecord], faults: [FaultRecord]
  ) {
    self.object = object
    self.exits = exits
    self.compares = compares
    self.faults = faults
  }
}

/// What one deopt point stands for. The deopt operands of its stack map records are the values of its slots, and nothing else.
public struct DeoptExit: Hashable, Sendable {
  /// Whose failing leads there.
  public var site: GuardID
  /// Nodes are within the tree of the function's version with deopts.
  public var state: FrameState

  /// An exit of a guard.
  public init(guard site: GuardID, state: FrameState) {
    self.site = site
    self.state = state
  }
}

/// Numbers all inlining nodes of a plan: for each function the tree of its speculative version, then
/// that of its generic version (which its OSR entries share).
public struct NodeNumbering: Sendable {
  /// All nodes, by their numbers.
  public let inlineNodes: [InlineNode]
  /// By position in the plan: first node of (speculative, generic) version.
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

  /// Global number of node 0 of a version's tree; its other nodes follow.
  public func base(function: Int, isSpeculative: Bool) -> Int {
    let pair = bases[function - importedFunctionCount]
    return isSpeculative ? pair.speculative : pair.generic
  }

  /// A place of a partition in the whole artefact.
  func location(of place: TrapPlace) -> CodeLocation {
    place.location.renumbered(
      from: base(
        function: importedFunctionCount + place.definedFunction,
        isSpeculative: place.isSpeculative))
  }

  /// ``base(function:isSpeculative:)`` of a compiled version. `plan` is the function's own.
  public func base(_ plan: FunctionPlan, _ version: FunctionVersion) -> Int {
    base(
      function: plan.function, isSpeculative: version == .entry && plan.speculative != nil)
  }
}
