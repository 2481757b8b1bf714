import CLLVM
import Contract
import Speculation
import Wasm

/// Debug information of one LLVM module, for debuggers and profilers: the guest's functions and lines, and which were inlined, by the guest's
/// compiler or by us. The runtime does not use it.
final class DebugInfo {
  let source: GuestSource
  private let unit: LLVMUnit
  private let subroutineType: LLVMMetadataRef
  private var files: [String: LLVMMetadataRef] = [:]
  private var inlined: [String: LLVMMetadataRef] = [:]

  init(unit: LLVMUnit, source: GuestSource) {
    self.unit = unit
    self.source = source
    let file = Self.makeFile(unit, source.fileName)
    files[source.fileName] = file
    let producer = "wasm-pgo"
    _ = LLVMDIBuilderCreateCompileUnit(
      unit.debug, LLVMDWARFSourceLanguageC99, file, producer, producer.utf8.count, 1, "", 0, 0, "",
      0, LLVMDWARFEmissionFull, 0, 0, 0, "", 0, "", 0)
    subroutineType = LLVMDIBuilderCreateSubroutineType(unit.debug, file, nil, 0, LLVMDIFlagZero)
  }

  func finish() { LLVMDIBuilderFinalize(unit.debug) }

  private static func makeFile(_ unit: LLVMUnit, _ name: String) -> LLVMMetadataRef {
    let directory = "."
    return LLVMDIBuilderCreateFile(
      unit.debug, name, name.utf8.count, directory, directory.utf8.count)
  }

  func file(_ name: String) -> LLVMMetadataRef {
    if let known = files[name] { return known }
    let file = Self.makeFile(unit, name)
    files[name] = file
    return file
  }

  /// A function's own scope.
  struct Scope {
    let subprogram: LLVMMetadataRef
    let file: String
    /// Whether the guest's own source is known.
    let hasSource: Bool
  }

  /// A scope of its own for a piece of machine code.
  func makeScope(_ module: Module, _ function: Int) -> Scope {
    let body = module.functions[function].body
    guard let frame = source.map.firstFunction(in: body) else {
      let line = UInt32(body.lowerBound)
      return Scope(
        subprogram: subprogram(source.names.name(function), source.fileName, line),
        file: source.fileName, hasSource: false)
    }
    let file = source.map.text(frame.file)
    let name = source.map.text(frame.function)
    return Scope(
      subprogram: subprogram(
        name.isEmpty ? source.names.name(function) : name, file, frame.startLine), file: file,
      hasSource: true)
  }

  /// The scope of a function that the guest's compiler inlined.
  func scope(of frame: SourceMap.Frame) -> Scope {
    let name = source.map.text(frame.function)
    let file = source.map.text(frame.file)
    let key = "\(frame.startLine) \(file)\n\(name)"
    let known = inlined[key] ?? subprogram(name.isEmpty ? "?" : name, file, frame.startLine)
    inlined[key] = known
    return Scope(subprogram: known, file: file, hasSource: true)
  }

  private func subprogram(_ name: String, _ file: String, _ line: UInt32) -> LLVMMetadataRef {
    let file = self.file(file)
    return LLVMDIBuilderCreateFunction(
      unit.debug, file, name, name.utf8.count, "", 0, file, line, subroutineType, 0, 1, line,
      LLVMDIFlagZero, 1)
  }

  func location(
    line: UInt32, column: UInt32, file: String, in scope: Scope, inlinedAt: LLVMMetadataRef?
  ) -> LLVMMetadataRef? {
    var place = scope.subprogram
    if file != scope.file {
      place = LLVMDIBuilderCreateLexicalBlockFile(unit.debug, place, self.file(file), 0)
    }
    return LLVMDIBuilderCreateDebugLocation(unit.context, line, column, place, inlinedAt)
  }
}

extension SourceMap {
  /// The function that a body is of, according to the first instruction of which something is known.
  func firstFunction(in body: Range<Int>) -> Frame? {
    frames(at: body.lowerBound).last ?? firstFrames(in: body).last
  }
}

/// Debug locations in one version of a function.
final class FunctionDebug {
  private let info: DebugInfo
  private let module: Module
  private let tree: InliningTree
  /// By node.
  private var scopes: [DebugInfo.Scope?]
  private var callSites: [LLVMMetadataRef?]

  init(_ info: DebugInfo, _ module: Module, _ tree: InliningTree, _ function: LLVMValueRef) {
    self.info = info
    self.module = module
    self.tree = tree
    scopes = Array(repeating: nil, count: tree.nodes.count)
    callSites = Array(repeating: nil, count: tree.nodes.count)
    LLVMSetSubprogram(function, scope(0).subprogram)
  }

  private func scope(_ node: Int) -> DebugInfo.Scope {
    if let known = scopes[node] { return known }
    let scope = info.makeScope(module, tree.nodes[node].function)
    scopes[node] = scope
    return scope
  }

  /// The call into which a node is inlined.
  private func callSite(_ node: Int) -> LLVMMetadataRef? {
    guard let parent = tree.nodes[node].parent else { return nil }
    if let known = callSites[node] { return known }
    let site = location(node: parent, byteOffset: tree.nodes[node].callOffset)
    callSites[node] = site
    return site
  }

  /// Of the instruction at a byte offset of the module, in the body of a node.
  func location(node: Int, byteOffset: Int) -> LLVMMetadataRef? {
    let own = scope(node)
    var place = callSite(node)
    let frames = info.source.map.frames(at: byteOffset)
    if frames.isEmpty {
      let line = own.hasSource ? 0 : UInt32(byteOffset)
      return info.location(line: line, column: 0, file: own.file, in: own, inlinedAt: place)
    }
    for (number, frame) in frames.reversed().enumerated() {
      place = info.location(
        line: frame.line, column: frame.column, file: info.source.map.text(frame.file),
        in: number == 0 ? own : info.scope(of: frame), inlinedAt: place)
    }
    return place
  }
}
