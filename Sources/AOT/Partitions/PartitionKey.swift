import CLLVM
import Contract
import Files
import Speculation
import Wasm

/// Encodes everything that a partition's output depends on: equal bytes mean equal outputs. Anything new that translation or a
/// pass reads must be added here.
///
///     compiler, LLVM, target │ types, tables, globals, … │ plan of each function │ each body in it
///
/// Counts are kept apart, in ``weights(_:)``. No numbers span functions, so that a change elsewhere does not change the key.
struct PartitionKey {
  let module: Module
  let plan: CompilationPlan
  /// By position among the functions that the module defines.
  let counts: [PredictedCounts]
  let source: GuestSource?
  private let common: [UInt8]

  init(
    module: Module, plan: CompilationPlan, counts: [PredictedCounts], hasProfile: Bool,
    target: TargetOptions, source: GuestSource?, moduleName: String
  ) {
    self.module = module
    self.plan = plan
    self.counts = counts
    self.source = source
    var writer = ArtefactWriter()
    writer.string(Self.compiler)
    writer.string(moduleName)
    writer.string(target.cpu)
    writer.string(target.features)
    writer.integer(target.relaxed.rawValue)
    writer.integer(UInt8(hasProfile ? 1 : 0))
    writer.integer(UInt8(source == nil ? 0 : 1))
    Self.write(module, plan, to: &writer)
    common = writer.bytes
  }

  /// Hashes this executable as its version, so that a rebuilt compiler never reuses the outputs of an older build.
  static let compiler: String = {
    var (major, minor, patch): (UInt32, UInt32, UInt32) = (0, 0, 0)
    LLVMGetVersion(&major, &minor, &patch)
    // If the executable cannot be read, a random number makes every lookup miss.
    let own = executablePath().flatMap { try? Files.readFile($0) }.map { StableHash.of($0) }
    let version = own ?? .random(in: 0 ... .max)
    return "wasm-pgo \(compilerVersion) \(version), LLVM \(major).\(minor).\(patch)"
  }()

  func bytes(_ functions: [Int]) -> [UInt8] {
    var writer = ArtefactWriter()
    writer.raw(common)
    var bodies: Set<Int> = []
    writer.integer(UInt32(functions.count))
    for function in functions {
      let row = plan.functions[function - module.importedFunctionCount]
      write(row, to: &writer)
      for tree in [row.speculative, row.generic].compactMap({ $0 }) {
        for node in tree.nodes { bodies.insert(node.function) }
      }
    }
    var pairs: Set<DispatchTable> = []
    for function in bodies.sorted() {
      write(body: function, to: &writer)
      pairs.formUnion(indirectCalls(function))
    }
    for (row, pair) in plan.dispatchTables.enumerated() where pairs.contains(pair) {
      for number in [row, pair.table, pair.typeIndex] { writer.integer(UInt32(number)) }
    }
    return writer.bytes
  }

  func weights(_ functions: [Int]) -> PartitionWeights {
    PartitionWeights(functions: functions.map { counts[$0 - module.importedFunctionCount] })
  }

  // MARK: Parts

  private static func write(
    _ module: Module, _ plan: CompilationPlan, to writer: inout ArtefactWriter
  ) {
    writer.integer(UInt32(module.types.count))
    for type in module.types {
      writer.string("\(type.subType)")
      writer.integer(UInt32(type.canonicalIndex))
    }
    let counts = [
      module.importedFunctionCount, module.importedGlobalCount, module.importedTableCount,
      module.importedMemoryCount, module.functions.count, module.tables.count,
      module.memories.count, module.globals.count, module.importedTagCount, module.tags.count,
    ]
    for count in counts { writer.integer(UInt32(count)) }
    for function in module.functions { writer.integer(UInt32(function.typeIndex)) }
    // The descriptions cover all fields of these rows, also future ones.
    for memory in module.memories { writer.string("\(memory)") }
    for table in module.tables { writer.string("\(table)") }
    for global in module.globals { writer.string("\(global)") }
    for tag in module.tags { writer.string("\(tag)") }
    for facts in plan.tables { writer.integer(UInt8(facts.isImmutable ? 1 : 0)) }
  }

  private func write(_ row: FunctionPlan, to writer: inout ArtefactWriter) {
    writer.integer(UInt32(row.function))
    writer.integer(UInt8(row.entryCount > 0 ? 1 : 0))
    writer.integer(row.tier.rawValue)
    writer.integer(UInt8(row.keepsGeneric ? 1 : 0))
    writer.integer(UInt32(row.osrEntries.count))
    for offset in row.osrEntries { writer.integer(UInt32(offset)) }
    for tree in [row.speculative, row.generic] {
      writer.integer(UInt32(tree?.nodes.count ?? 0))
      for node in tree?.nodes ?? [] { write(node, to: &writer) }
    }
  }

  private func write(_ node: InliningTree.Node, to writer: inout ArtefactWriter) {
    writer.integer(UInt32(node.function))
    writer.integer(Int64(node.parent ?? -1))
    writer.integer(UInt32(node.callOffset))
    writer.integer(UInt32(node.sites.count))
    for (offset, site) in node.sites.sorted(by: { $0.key < $1.key }) {
      writer.integer(UInt32(offset))
      writer.string("\(site.guardKind) \(site.miss) \(site.countsMisses)")
      writer.integer(UInt32(site.targets.count))
      for target in site.targets {
        writer.integer(UInt32(target.function))
        writer.integer(Int64(target.node ?? -1))
        writer.integer(UInt32(target.tableIndices.count))
        for index in target.tableIndices { writer.integer(index) }
      }
    }
    node.encodeExits(to: &writer)
  }

  /// A body and its position: places are offsets in the module.
  private func write(body function: Int, to writer: inout ArtefactWriter) {
    let row = module.functions[function]
    writer.integer(UInt32(function))
    writer.integer(UInt32(row.code.lowerBound))
    writer.integer(UInt32(row.code.count))
    writer.raw(module.bytes[row.code])
    if let source {
      writer.string(source.names.name(function))
      source.map.write(row.body, to: &writer)
    }
  }

  /// The plan's dispatch tables that a body's indirect calls may use.
  private func indirectCalls(_ function: Int) -> [DispatchTable] {
    guard !plan.dispatchTables.isEmpty else { return [] }
    var reader = InstructionReader(module, function: function)
    var result: [DispatchTable] = []
    while let instruction = try? reader.next() {
      if case .table(let table, let typeIndex) = instruction.callee {
        result.append(DispatchTable(table: table, typeIndex: typeIndex))
      }
    }
    return result
  }
}
