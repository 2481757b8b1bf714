import Contract

/// Compiles partitions, and bisects those that fail until every function that fails by itself is known. Only LLVM could tell
/// which function it failed on, and after a crash it cannot be asked.
///
///     partition ─> output
///        └ failed ─> first half, second half ─> …  ─> one function: baseline code, with the reason
///
/// The bisection depends on the functions' order only, so the same failures lead to the same pieces.
struct PieceCompiler {
  var cache: CachedPartitions
  /// Functions that are not compiled at all.
  var leftOut: Set<Int>

  /// The outcome of compiling a piece.
  enum Outcome {
    case output(PartitionOutput)
    case failed(BaselineReason)
  }

  struct Result {
    /// In the order of the partitions and of the functions in them.
    var outputs: [PartitionOutput] = []
    /// The reason of each function that failed by itself.
    var failures: [Int: BaselineReason] = [:]
  }

  /// Functions compiled together: a partition, or part of one.
  private struct Piece {
    var partition: Int
    var functions: [Int]
    var output: PartitionOutput?

    var halves: [Piece] {
      let middle = functions.count / 2
      return [functions[..<middle], functions[middle...]].map {
        Piece(partition: partition, functions: Array($0))
      }
    }
  }

  /// - Parameters:
  ///   - order: the partitions' numbers in the order of compilation.
  ///   - report: called with the number of partitions found in the cache and their total.
  ///   - compile: compiles pieces; takes their numbers in the order of compilation and the functions of all pieces.
  func run(
    _ partitions: [[Int]], order: [Int], report: ((Int, Int) -> Void)?,
    compile: ([Int], [[Int]]) throws(CompileError) -> [Int: Outcome]
  ) throws(CompileError) -> Result {
    var result = Result()
    var done: [Piece] = []
    var pieces = partitions.enumerated().map { number, functions in
      Piece(partition: number, functions: functions.filter { !leftOut.contains($0) })
    }
    var order = order.filter { !pieces[$0].functions.isEmpty }
    var isFirst = true
    while !order.isEmpty {
      for number in order { pieces[number].output = cache.find(pieces[number].functions) }
      let missing = order.filter { pieces[$0].output == nil }
      if isFirst { report?(order.count - missing.count, order.count) }
      isFirst = false
      let outcomes = try compile(missing, pieces.map(\.functions))
      var next: [Piece] = []
      // In ascending order, so that the result does not depend on the order of compilation.
      for number in missing.sorted() {
        let piece = pieces[number]
        switch outcomes[number] {
        case .output(let output):
          pieces[number].output = output
          cache.keep(output, piece.functions)
        case .failed(let reason) where piece.functions.count == 1:
          result.failures[piece.functions[0]] = reason
        case .failed: next += piece.halves
        case nil: throw .system("a part of the module was not compiled")
        }
      }
      done += pieces.filter { $0.output != nil }
      pieces = next
      order = Array(next.indices)
    }
    done.sort { ($0.partition, $0.functions[0]) < ($1.partition, $1.functions[0]) }
    result.outputs = done.compactMap(\.output)
    return result
  }
}
