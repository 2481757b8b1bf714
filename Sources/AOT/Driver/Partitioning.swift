import Contract
import Speculation
import Wasm

/// Splits a plan's functions into partitions. The boundaries depend only on the sizes of the module's functions, not on the
/// plan. A plan that changes for one function therefore changes one or two partitions, and the others can come from the cache.
/// The partitions do not depend on the machine or its number of processors either.
struct Partitioning {
  /// The size, in wasm bytes, of a run of functions whose optimized members form one partition. A partition costs 11 ms by
  /// itself.
  static let defaultSize = 48 << 10

  /// Function indices, ascending within each partition: first the partitions of functions in the full tier, which have slower
  /// code generation, then the others.
  let partitions: [[Int]]

  init(_ plan: CompilationPlan, module: Module, size limit: Int = defaultSize) {
    func stretches(isFull: Bool) -> [[Int]] {
      var result: [[Int]] = []
      var members: [Int] = []
      var size = 0
      for row in plan.functions {
        if row.isOptimized && (row.tier == .full) == isFull { members.append(row.function) }
        size += module.functions[row.function].code.count
        if size >= limit {
          result.append(members)
          members = []
          size = 0
        }
      }
      return (result + [members]).filter { !$0.isEmpty }
    }
    partitions = stretches(isFull: true) + stretches(isFull: false)
  }

  /// Partition numbers, the most expensive first, so that no long compilation starts last while the other workers idle.
  func order(_ plan: CompilationPlan, module: Module) -> [Int] {
    func size(_ tree: InliningTree) -> Int {
      tree.nodes.reduce(0) { $0 + module.functions[$1.function].body.count }
    }
    let costs = partitions.map { functions in
      functions.reduce(0) { sum, function in
        let row = plan.functions[function - module.importedFunctionCount]
        return row.versions.reduce(sum) { sum, version in
          let tree = version == .entry ? row.speculative ?? row.generic : row.generic
          // Roughly the ratio of what a byte costs.
          return sum + size(tree) * Int(row.tier(of: version).rawValue)
        }
      }
    }
    return partitions.indices.sorted { (costs[$1], $0) < (costs[$0], $1) }
  }
}

// MARK: What a worker process writes for its parent

extension PartitionOutput {
  func encode() -> [UInt8] {
    var writer = ArtefactWriter()
    writer.integer(UInt64(object.count))
    writer.raw(object)
    writer.integer(UInt32(exits.count))
    for exit in exits {
      exit.guardID.encode(to: &writer)
      exit.state.encode(to: &writer)
    }
    writer.integer(UInt32(compares.count))
    for compare in compares {
      writer.string(compare.function)
      compare.guardID.encode(to: &writer)
      writer.integer(UInt32(compare.functionOffset))
      writer.integer(UInt32(compare.length))
    }
    writer.integer(UInt32(faults.count))
    for fault in faults {
      writer.string(fault.function)
      writer.integer(UInt32(fault.functionOffset))
      writer.integer(fault.place.raw)
    }
    writer.integer(UInt32(frames.count))
    for frame in frames { frame.encode(to: &writer) }
    return writer.bytes
  }

  init(decoding reader: inout ArtefactReader) throws(ArtefactError) {
    let size = try reader.integer(UInt64.self)
    object = Array(try reader.raw(Int(truncatingIfNeeded: size)))
    exits = []
    for _ in 0..<(try reader.count(minimumSize: 8)) {
      exits.append(
        DeoptExit(
          guardID: try GuardID(decoding: &reader), state: try FrameState(decoding: &reader)))
    }
    compares = []
    for _ in 0..<(try reader.count(minimumSize: 16)) {
      compares.append(
        CompareRecord(
          function: try reader.string(), guardID: try GuardID(decoding: &reader),
          functionOffset: Int(try reader.integer(UInt32.self)),
          length: Int(try reader.integer(UInt32.self))))
    }
    faults = []
    for _ in 0..<(try reader.count(minimumSize: 16)) {
      faults.append(
        FaultRecord(
          function: try reader.string(), functionOffset: Int(try reader.integer(UInt32.self)),
          place: TrapPlace(raw: try reader.integer())))
    }
    frames = []
    for _ in 0..<(try reader.count(minimumSize: 9)) {
      frames.append(try FrameRecord(decoding: &reader))
    }
  }
}

extension GuardID {
  fileprivate func encode(to writer: inout ArtefactWriter) {
    writer.integer(UInt32(function))
    writer.integer(UInt32(number))
  }

  fileprivate init(decoding reader: inout ArtefactReader) throws(ArtefactError) {
    function = Int(try reader.integer(UInt32.self))
    number = Int(try reader.integer(UInt32.self))
  }
}

/// The result of one partition, encoded as a file.
enum WorkerResult {
  static func encode(_ result: Result<PartitionOutput, CompileError>) -> [UInt8] {
    var writer = ArtefactWriter()
    switch result {
    case .success(let output):
      writer.integer(UInt8(0))
      writer.raw(output.encode())
    case .failure(.unsupported(let what, let function, let byteOffset)):
      writer.integer(UInt8(1))
      writer.string(what)
      writer.integer(UInt32(truncatingIfNeeded: function))
      writer.integer(UInt32(truncatingIfNeeded: byteOffset))
    case .failure(.llvm(let message)):
      writer.integer(UInt8(2))
      writer.string(message)
    case .failure(.plan(let message)):
      writer.integer(UInt8(3))
      writer.string(message)
    case .failure(.interrupted(let signal)):
      writer.integer(UInt8(6))
      writer.integer(signal)
    case .failure(.input(let message)):
      writer.integer(UInt8(8))
      writer.string(message)
    case .failure(.system(let message)):
      writer.integer(UInt8(4))
      writer.string(message)
    case .failure(.module(let message)):
      writer.integer(UInt8(5))
      writer.string(message)
    case .failure(.missingTool(let name, let reason)):
      writer.integer(UInt8(7))
      writer.string(name)
      writer.string(reason)
    }
    return writer.bytes
  }

  static func decode(_ bytes: [UInt8]) throws(CompileError) -> PartitionOutput {
    let result: Result<PartitionOutput, CompileError> = bytes.withUnsafeBytes { bytes in
      var reader = ArtefactReader(bytes)
      do throws(ArtefactError) {
        switch try reader.integer(UInt8.self) {
        case 0:
          let output = try PartitionOutput(decoding: &reader)
          try reader.expectEnd()
          return .success(output)
        case 1:
          return .failure(
            .unsupported(
              try reader.string(), function: Int(try reader.integer(UInt32.self)),
              byteOffset: Int(try reader.integer(UInt32.self))))
        case 2: return .failure(.llvm(try reader.string()))
        case 3: return .failure(.plan(try reader.string()))
        case 4: return .failure(.system(try reader.string()))
        case 5: return .failure(.module(try reader.string()))
        case 6: return .failure(.interrupted(try reader.integer()))
        case 7: return .failure(.missingTool(try reader.string(), try reader.string()))
        case 8: return .failure(.input(try reader.string()))
        default: throw reader.error("unknown result")
        }
      } catch {
        return .failure(.system("a worker's result is damaged: \(error)"))
      }
    }
    return try result.get()
  }
}
