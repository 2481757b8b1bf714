import Contract
import Wasm

extension CompiledModule {
  /// Creates a module with its ahead-of-time code.
  public convenience init(artefact: Artefact) { self.init(code: artefact) }

  /// That of its artefact; nil without one.
  public var manifest: ArtefactManifest? { (code as? Artefact)?.manifest }

  /// Checks what loading an artefact leaves until it is used, as ``Artefact/check()``. Nothing is left of other modules.
  public func check() throws(ArtefactError) { try (code as? Artefact)?.check() }
}

extension Artefact: ModuleCode {
  package var codeMap: any CodeMap { map }

  package var relaxed: RelaxedSemantics { manifest.relaxed }

  package func attach(to instance: InstanceBody) throws -> AnyObject? {
    try addFrames(to: instance.store)
    return try Deoptimizer(artefact: self, instance: instance)
  }

  package func tablesAreInitialized(of instance: InstanceBody) throws {
    try (instance.attachment as? Deoptimizer)?.dispatch.fill()
  }

  package var functionsWithoutCode: [Int] { tables.functionsWithoutCode }

  /// The functions whose baseline code may be needed but is not in the artefact, ascending. The runtime compiles it at that
  /// point, for which it needs executable memory. Empty unless the artefact was compiled without baseline code, or has
  /// functions that exceed the baseline compiler's limits.
  public var lazyFunctions: [Int] {
    let defined = module.importedFunctionCount..<module.functions.count
    var needed = Set(code.baseline.map { Int($0.function) })
    for frame in deopts.frames {
      if let function = function(of: frame) { needed.insert(function) }
    }
    // See `InstanceBody.stayOnBaseline()`.
    if module.fillsImportedTables { needed.formUnion(defined) }
    return needed.filter { baselineCode(function: $0) == nil }.sorted()
  }

  package func baselineCode(function: Int) -> BaselineCode? {
    // A loop period changes the code of the loops.
    if loopPeriod != nil, !loopRows(function: function).isEmpty { return nil }
    return baseline.row(function: function).map {
      BaselineCode(address: textAddress + UInt($0.row.code), metadata: $0)
    }
  }

  package var loopPeriod: Int? { control?.loopPeriod }

  package func resumeOffsets(function: Int) -> [Int] {
    var offsets: Set<Int> = []
    for frame in deopts.frames
    where frame.position == ResumePoint.Position.before.rawValue
      && self.function(of: frame) == function
    {
      offsets.insert(Int(frame.byteOffset))
    }
    return offsets.sorted()
  }

  /// Nil if the frame's row, which may not have been checked yet, refers to no function.
  private func function(of frame: FrameRow) -> Int? {
    let nodes = code.inlineNodes
    return nodes.indices.contains(Int(frame.node)) ? Int(nodes[Int(frame.node)].function) : nil
  }

  package func loopNumbers(function: Int) -> [Int: Int] {
    var numbers: [Int: Int] = [:]
    for row in loopRows(function: function) { numbers[Int(code.loops[row].byteOffset)] = row }
    return numbers
  }
}

extension Instance {
  /// Counts of the guards that have failed so far; nil for an instance without ahead-of-time code.
  public var deoptStatistics: DeoptStatistics? { (body.attachment as? Deoptimizer)?.statistics }

  /// The number of deopts after which a function's generic version replaces it; nil: never. Has no effect without ahead-of-time
  /// code.
  public var deoptBudget: Int? {
    get { (body.attachment as? Deoptimizer)?.budget }
    set { (body.attachment as? Deoptimizer)?.budget = newValue }
  }
}
