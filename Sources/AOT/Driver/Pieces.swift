import Contract

/// Compiles partitions, those that fail in halves, until each function that fails by itself is known. Which function it is that
/// LLVM fails on nobody but LLVM could tell; and where it crashed it cannot be asked.
///
///     partition ─> output
///        └ failed ─> first half, second half ─> …  ─> one function: baseline code, with the reason
///
/// Everything follows from the functions' order alone, so that the same failures lead to the same pieces.
struct PieceCompiler {
  var cache: CachedPartitions
  /// Functions that are not compiled at all.
  var leftOut: Set<Int>

  /// What became of functions that were compiled together.
  enum Outcome {
    case output(PartitionOutput)
    case failed(BaselineReason)
  }

  struct Result {
    /// In the order of the partitions, and of the functions in them.
    var outputs: [PartitionOutput] = []
    /// By function.
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
  ///   - order: numbers of the partitions in the order to compile them.
  ///   - report: told how many of the partitions the cache had, of how many.
  ///   - compile: compiles pieces; gets their numbers in the order to compile them, and the functions of all.
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
      // Failures in their own order, whatever the one they were compiled in.
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
