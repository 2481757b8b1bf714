import Contract
import Wasm

extension CompiledModule {
  /// Creates a module with its ahead-of-time code.
  public convenience init(artefact: Artefact) { self.init(code: artefact) }
}

extension Artefact: ModuleCode {
  package var codeMap: any CodeMap { map }

  package func attach(to instance: Instance) throws -> AnyObject? {
    try Deoptimizer(artefact: self, instance: instance)
  }

  package func tablesAreInitialized(of instance: Instance) throws {
    try (instance.attachment as? Deoptimizer)?.dispatch.fill()
  }

  package var baselineFunctions: [Int] { code.baseline.map { Int($0.function) } }

  package var loopPeriod: Int? { control?.loopPeriod }

  package func resumeOffsets(function: Int) -> [Int] {
    var offsets: Set<Int> = []
    for frame in deopts.frames
    where frame.position == ResumePoint.Position.before.rawValue
      && Int(code.inlineNodes[Int(frame.node)].function) == function
    {
      offsets.insert(Int(frame.byteOffset))
    }
    return offsets.sorted()
  }

  package func loopNumbers(function: Int) -> [Int: Int] {
    var numbers: [Int: Int] = [:]
    for row in loopRows(function: function) { numbers[Int(code.loops[row].byteOffset)] = row }
    return numbers
  }
}

extension Instance {
  /// Counts of the guards that have failed so far; nil for an instance without ahead-of-time code.
  public var deoptStatistics: DeoptStatistics? { (attachment as? Deoptimizer)?.statistics }

  /// The number of deopts after which a function's generic version replaces it; nil: never. Has no effect without ahead-of-time
  /// code.
  public var deoptBudget: Int? {
    get { (attachment as? Deoptimizer)?.budget }
    set { (attachment as? Deoptimizer)?.budget = newValue }
  }
}
