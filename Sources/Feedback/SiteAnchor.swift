import Wasm

/// What an instruction that counts looks like in its function: what it is found again by after the function changed. A function's list of
/// anchors has all such instructions, whether they ran or not, in order.
public struct SiteAnchor: Hashable, Sendable {
  /// Kinds of instructions, as files have them.
  public enum Kind: UInt8, Sendable, CaseIterable {
    case loop = 0
    case `if`
    /// `br_if`, `br_on_…`.
    case branch
    case branchTable
    case call
    /// `call_indirect`, `call_ref`.
    case targets
  }

  /// Of the instruction in its body.
  public var ordinal: UInt32
  /// What it is.
  public var kind: Kind
  /// Loops around it, 31 at most.
  public var depth: UInt8
  /// Of a direct call, what names its callee: ``calleeHash(name:body:)``. Of others, the opcodes since the anchor before, and of an indirect call its
  /// type.
  public var hash: UInt32

  /// An anchor.
  public init(ordinal: UInt32, kind: Kind, depth: UInt8, hash: UInt32) {
    self.ordinal = ordinal
    self.kind = kind
    self.depth = depth
    self.hash = hash
  }

  /// Of a function as a callee: of its name, or of its body if it has none.
  static func calleeHash(name: String, body: UInt64) -> UInt32 {
    fold(name.isEmpty ? body : StableHash.of(Array(name.utf8)))
  }

  /// 64 bits to 32.
  fileprivate static func fold(_ hash: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: hash ^ hash >> 32)
  }

  /// What is equal in two versions of an instruction that has not changed.
  var strongKey: UInt64 { UInt64(kind.rawValue) << 32 | UInt64(hash) }
  /// What is likely to be equal in two versions of one that has.
  var weakKey: UInt64 { UInt64(kind.rawValue) << 8 | UInt64(depth) }
}

/// Makes the anchors of a module's functions.
struct AnchorReader {
  private let module: Module
  private let types: TypeContents
  /// By function.
  let calleeHashes: [UInt32]

  init(_ module: Module, _ identity: ModuleIdentity) {
    self.module = module
    types = TypeContents(module.types)
    let imports = module.imports.filter { if case .function = $0.type { true } else { false } }
    calleeHashes = module.functions.indices.map { function in
      if let key = identity.key(function: function) {
        return SiteAnchor.calleeHash(name: module.functionName(function) ?? "", body: key.hash)
      }
      let name =
        imports.indices.contains(function)
        ? "\(imports[function].module)\0\(imports[function].name)" : ""
      return SiteAnchor.calleeHash(name: name, body: 0)
    }
  }

  /// - Parameter function: one that the module defines; the module is valid.
  func anchors(ofFunction function: Int) -> [SiteAnchor] {
    var anchors: [SiteAnchor] = []
    var walker = BodyWalker(module, function: function)
    var context: UInt64 = 0
    while (try? walker.next()) == true {
      let instruction = walker.instruction
      if let kind = SiteAnchor.Kind(instruction) {
        anchors.append(
          SiteAnchor(
            ordinal: UInt32(walker.ordinal), kind: kind, depth: UInt8(min(31, walker.loopDepth)),
            hash: hash(instruction, context)))
        context = 0
      } else {
        // The opcode's first byte, and of one with a prefix the next one, too.
        let prefix = UInt64(module.bytes[instruction.offset])
        let code =
          InstructionReader.prefixes.contains(UInt8(prefix))
          ? UInt64(module.bytes[instruction.offset + 1]) : 0
        context = (context &* 0x100_0000_01B3) ^ (prefix << 8 | code)
      }
    }
    return anchors
  }

  private func hash(_ instruction: Instruction, _ context: UInt64) -> UInt32 {
    switch instruction.callee {
    case .function(let callee): calleeHashes[callee]
    case .table(_, let type), .reference(let type):
      SiteAnchor.fold(context &* 31 ^ StableHash.of(types[type]))
    case nil: SiteAnchor.fold(context)
    }
  }
}

extension SiteAnchor.Kind {
  /// Nil for what does not count.
  init?(_ instruction: Instruction) {
    switch FeedbackRecord(instruction) {
    case .loop: self = .loop
    case .branch: self = instruction.opcode == .if ? .if : .branch
    case .branchTable: self = .branchTable
    case .call: self = .call
    case .targets: self = .targets
    case nil: return nil
    }
  }
}
