import Contract
import Speculation

// The encoding of plans in a file: see ``PlanMemory`` and ``StepFile``.

extension CompilationPlan {
  func encode(to writer: inout ArtefactWriter) {
    writer.integer(UInt32(functions.count))
    for row in functions {
      row.encode(to: &writer)
      writer.integer(UInt8(row.counts == nil ? 0 : 1))
      row.counts?.encode(to: &writer)
    }
    writer.integer(UInt32(tables.count))
    for facts in tables { facts.encode(to: &writer) }
    writer.integer(UInt32(dispatchTables.count))
    for pair in dispatchTables {
      writer.integer(UInt32(pair.table))
      writer.integer(UInt32(pair.typeIndex))
    }
  }

  init(decoding reader: inout ArtefactReader) throws(ArtefactError) {
    self.init(functions: [], tables: [], dispatchTables: [])
    for _ in 0..<(try reader.count(minimumSize: 16)) {
      var row = try FunctionPlan(decoding: &reader)
      if try reader.integer(UInt8.self) != 0 { row.counts = try PredictedCounts(decoding: &reader) }
      functions.append(row)
    }
    for _ in 0..<(try reader.count(minimumSize: 2)) {
      tables.append(try TableFacts(decoding: &reader))
    }
    for _ in 0..<(try reader.count(minimumSize: 8)) {
      dispatchTables.append(
        DispatchTable(
          table: Int(try reader.integer(UInt32.self)),
          typeIndex: Int(try reader.integer(UInt32.self))))
    }
  }
}

extension TableFacts {
  fileprivate func encode(to writer: inout ArtefactWriter) {
    writer.integer(UInt8(isImmutable ? 1 : 0))
    writer.integer(UInt8(contents == nil ? 0 : 1))
    guard let contents else { return }
    writer.integer(UInt32(contents.count))
    for function in contents { writer.integer(Int32(function ?? -1)) }
  }

  fileprivate init(decoding reader: inout ArtefactReader) throws(ArtefactError) {
    self.init(isImmutable: try reader.integer(UInt8.self) != 0, contents: nil)
    guard try reader.integer(UInt8.self) != 0 else { return }
    var functions: [Int?] = []
    for _ in 0..<(try reader.count(minimumSize: 4)) {
      let function = Int(try reader.integer(Int32.self))
      functions.append(function < 0 ? nil : function)
    }
    contents = functions
  }
}

extension FunctionPlan {
  func encode(to writer: inout ArtefactWriter) {
    writer.integer(UInt32(function))
    writer.integer(entryCount)
    writer.integer(tier.rawValue)
    writer.integer(UInt8(keepsGeneric ? 1 : 0))
    writer.integer(UInt32(osrEntries.count))
    for offset in osrEntries { writer.integer(UInt32(offset)) }
    writer.integer(UInt8(speculative == nil ? 0 : 1))
    speculative?.encode(to: &writer)
    generic.encode(to: &writer)
  }

  init(decoding reader: inout ArtefactReader) throws(ArtefactError) {
    let function = Int(try reader.integer(UInt32.self))
    let entryCount = try reader.integer(UInt64.self)
    guard let tier = Tier(rawValue: try reader.integer()) else {
      throw reader.error("not a tier")
    }
    let keepsGeneric = try reader.integer(UInt8.self) != 0
    var osrEntries: [Int] = []
    for _ in 0..<(try reader.count(minimumSize: 4)) {
      osrEntries.append(Int(try reader.integer(UInt32.self)))
    }
    let speculates = try reader.integer(UInt8.self) != 0
    let speculative = speculates ? try InliningTree(decoding: &reader) : nil
    self.init(
      function: function, entryCount: entryCount, tier: tier, speculative: speculative,
      generic: try InliningTree(decoding: &reader), keepsGeneric: keepsGeneric,
      osrEntries: osrEntries)
  }
}

extension InliningTree {
  func encode(to writer: inout ArtefactWriter) {
    writer.integer(UInt32(nodes.count))
    for node in nodes {
      writer.integer(UInt32(node.function))
      writer.integer(Int32(node.parent ?? -1))
      writer.integer(UInt32(node.callOffset))
      writer.integer(node.relativeFrequency.bitPattern)
      writer.integer(UInt32(node.sites.count))
      for (offset, site) in node.sites.sorted(by: { $0.key < $1.key }) {
        writer.integer(UInt32(offset))
        site.encode(to: &writer)
      }
      node.encodeExits(to: &writer)
    }
  }

  init(decoding reader: inout ArtefactReader) throws(ArtefactError) {
    var nodes: [Node] = []
    for _ in 0..<(try reader.count(minimumSize: 24)) {
      let function = Int(try reader.integer(UInt32.self))
      let parent = Int(try reader.integer(Int32.self))
      var node = Node(
        function: function, parent: parent < 0 ? nil : parent,
        callOffset: Int(try reader.integer(UInt32.self)),
        relativeFrequency: Double(bitPattern: try reader.integer(UInt64.self)))
      for _ in 0..<(try reader.count(minimumSize: 19)) {
        let offset = Int(try reader.integer(UInt32.self))
        node.sites[offset] = try SitePlan(decoding: &reader)
      }
      try node.decodeExits(&reader)
      nodes.append(node)
    }
    self.init(nodes: nodes)
  }
}

extension InliningTree.Node {
  func encodeExits(to writer: inout ArtefactWriter) {
    writer.integer(UInt32(exits.count))
    for (offset, exits) in exits.sorted(by: { $0.key < $1.key }) {
      writer.integer(UInt32(offset))
      writer.integer(UInt32(exits.count))
      for exit in exits {
        writer.integer(UInt32(exit.way))
        writer.integer(UInt32(exit.resume))
      }
    }
  }

  fileprivate mutating func decodeExits(_ reader: inout ArtefactReader) throws(ArtefactError) {
    for _ in 0..<(try reader.count(minimumSize: 8)) {
      let offset = Int(try reader.integer(UInt32.self))
      for _ in 0..<(try reader.count(minimumSize: 8)) {
        exits[offset, default: []].append(
          BranchExit(
            way: Int(try reader.integer(UInt32.self)), resume: Int(try reader.integer(UInt32.self)))
        )
      }
    }
  }
}

extension SitePlan {
  func encode(to writer: inout ArtefactWriter) {
    writer.integer(UInt8(Guard.allCases.firstIndex(of: guardKind) ?? 0))
    writer.integer(UInt8(Miss.allCases.firstIndex(of: miss) ?? 0))
    writer.integer(reason.rawValue)
    writer.integer(missCount)
    writer.integer(UInt32(targets.count))
    for target in targets {
      writer.integer(UInt32(target.function))
      writer.integer(Int32(target.node ?? -1))
      writer.integer(target.count)
      writer.integer(UInt32(target.tableIndices.count))
      for index in target.tableIndices { writer.integer(index) }
    }
  }

  init(decoding reader: inout ArtefactReader) throws(ArtefactError) {
    let kind = Int(try reader.integer(UInt8.self))
    let miss = Int(try reader.integer(UInt8.self))
    guard Guard.allCases.indices.contains(kind), Miss.allCases.indices.contains(miss),
      let reason = Reason(rawValue: try reader.integer())
    else { throw reader.error("not a site's plan") }
    self.init(
      guardKind: Guard.allCases[kind], targets: [], miss: Miss.allCases[miss],
      missCount: try reader.integer(), reason: reason)
    for _ in 0..<(try reader.count(minimumSize: 20)) {
      let function = Int(try reader.integer(UInt32.self))
      let node = Int(try reader.integer(Int32.self))
      var target = Target(
        function: function, tableIndices: [], node: node < 0 ? nil : node,
        count: try reader.integer())
      for _ in 0..<(try reader.count(minimumSize: 4)) {
        target.tableIndices.append(try reader.integer())
      }
      targets.append(target)
    }
  }
}
