import Baseline
import Contract
import Feedback
import Files
import Speculation
import Wasm
import X64

// This folder: turns the partitions' objects into the artefact.
//
//   StackMaps, FaultRecords, GuardRecords, FrameRecords     the records that a partition's object carries beside its code
//   BaselineObject          code that LLVM does not generate: baseline code, and jumps through entries
//   ELFFile+Symbols, LinkTool      reads objects; runs `ld`
//   SymbolRenaming          the names of symbols, at the end
//   LinkedSymbol            the symbol of an artefact that is linked into a program
//   Assembly, HandlerRows, CodeLayout     links the code, builds the artefact's tables from the records

/// Turns compiled partitions into the bytes of an artefact.
///
///     partitions, baseline code ─ld -r─> code.o ─ld -shared─> code.so (analysis: final offsets)
///                            │                    │
///                            │   stack maps ──────┴─> tables ─────────> tables.o, with the code's seal
///                            └──────────────ld -r──────────────────────┘──> artefact.o ─ld -shared─> artefact.so
///
/// All machine code is in one section, `.text`. The first step fixes its layout (the seal follows it), so that tables refer to
/// code by its offset in the section and need no relocations.
struct Assembly {
  var module: Module
  var plan: CompilationPlan
  /// For people: ``SiteReport``.
  var profile: ModuleProfile
  var numbering: NodeNumbering
  var guards: GuardNumbering
  var outputs: [PartitionOutput]
  /// Functions that no output contains, ascending.
  var baseline: [BaselineFunction]
  /// Whether the artefact contains baseline code.
  var includesBaseline: Bool
  /// `assemble()` sets `textSize`.
  var manifest: ArtefactManifest
  var isShared: Bool
  /// See ``CompilerOptions/symbol``.
  var symbol: String?
  /// Names of functions that symbols have instead of the module's, by function: demangled ones.
  var replacedNames: [Int: String]
  /// For debug information of baseline code; nil: none.
  var source: GuestSource?
  var scratch: ScratchDirectory

  /// ``FrameRecord`` replaces LLVM's tables of handlers, which take relocations. Without them nobody asks for the personality.
  private static let script = """
    PROVIDE_HIDDEN(\(FunctionTranslator.personalityName) = 0);
    SECTIONS {
      .text 0 : { *(.text .text.*) }
      /DISCARD/ : {
        *(.llvm_stackmaps) *(.rela.llvm_stackmaps) *(.comment) *(.note.GNU-stack)
        *(.gcc_except_table .gcc_except_table.*) *(.data.DW.ref.*)
      }
    }
    """
  private static let sharedOptions: [HostString] = [
    "-shared", "-z", "text", "-z", "noexecstack", "-z", "separate-code", "-z", "norelro",
    "--hash-style=gnu", "--build-id=sha1", "--no-undefined", "-Bsymbolic",
  ]

  /// Returns the artefact file's bytes.
  mutating func assemble() throws(CompileError) -> [UInt8] {
    var stackMaps: [[StackMapRecord]] = []
    for output in outputs { stackMaps.append(try readStackMaps(output.object)) }
    let resumes = try resumePoints(stackMaps)
    let baselineObject = makeBaselineObject(resumes)
    let script = scratch.file("relocatable.ld")
    try writeFile(Array(Self.script.utf8), to: script)
    var inputs: [HostString] = []
    let objects = outputs.map(\.object) + [baselineObject.object].compactMap(\.self)
    for (index, object) in objects.enumerated() {
      let path = scratch.file("partition\(index).o")
      try writeFile(object, to: path)
      inputs.append(path)
    }
    let codeObject = scratch.file("code.o")
    let codeShared = scratch.file("code.so")
    if inputs.isEmpty {
      // A module without functions: traps stand for the code that every image must have.
      let traps = (name: ".text", bytes: [UInt8](repeating: MachineStubs.trap, count: 16))
      try writeFile(ELFFile.encodeObject([traps]), to: codeObject)
    } else {
      try run("ld", ["-r", "-T", script, "-o", codeObject] + inputs, scratch: scratch)
    }
    try run("ld", Self.sharedOptions + ["-o", codeShared, codeObject], scratch: scratch)
    let layout = try CodeLayout(readFile(codeShared))

    let tables = scratch.file("tables.o")
    // The seal follows the code, aligned like all sections of that object.
    let textSize = (layout.textSize + 15) / 16 * 16 + CodeSeal.size
    manifest.textSize = UInt64(textSize)
    manifest.guardCount = UInt32(guards.sites.count)
    let locations = try locations(layout, stackMaps)
    let deopts = try deoptPoints(layout, stackMaps)
    let code = try codeTables(layout, deopts.frameSizes)
    let baseline = try baselineTable(layout, baselineObject, resumes)
    let tests = GuardTests.encode(try guardTests(layout))
    let handlers = try handlerTable(layout)
    let sections: [(ArtefactSection, [UInt8])] = [
      (.manifest, manifest.encode()), (.module, module.bytes), (.code, code),
      (.baseline, baseline), (.deopt, try deoptTable(deopts.points)), (.guards, tests),
      (.locations, LocationTable.encode(locations, faults: try faults(layout))),
      (.sites, makeSiteReport(plan, profile, numbering).encode()), (.handlers, handlers),
    ]
    let seal = CodeSeal(
      module: module.bytes, code: code, baseline: baseline, guards: tests, handlers: handlers)
    var contents = [(name: ".text", bytes: seal.encode())]
    contents += sections.map { section, contents in
      (name: section.rawValue, bytes: section.seal(contents))
    }
    if isShared { contents.append((ArtefactFile.sealSection, ArtefactFile.emptySeal)) }
    try writeFile(ELFFile.encodeObject(contents), to: tables)
    let object = scratch.file("artefact.o")
    try run("ld", ["-r", "-T", script, "-o", object, codeObject, tables], scratch: scratch)
    let names = codeNames(baselineObject)
    guard isShared else {
      var result = object
      if let symbol {
        result = try addLinkedSymbol(symbol, to: object, scratch: scratch)
      } else {
        try run("objcopy", ["--localize-hidden", object], scratch: scratch)
      }
      return ArtefactFile.seal(try renameSymbols(in: readFile(result), names))
    }
    let shared = scratch.file("artefact.so")
    try run("ld", Self.sharedOptions + ["-o", shared, object], scratch: scratch)
    let bytes = try readFile(shared)
    let final = try CodeLayout(bytes)
    guard final.symbols == layout.symbols, final.textSize == textSize else {
      throw .system("ld laid the code out differently the second time")
    }
    return ArtefactFile.seal(try renameSymbols(in: bytes, names))
  }

  // MARK: Tables

  /// - Parameter frameSizes: by function, for the versions with deopts.
  private func codeTables(
    _ layout: CodeLayout, _ frameSizes: [Int: Int]
  ) throws(CompileError) -> [UInt8] {
    var functions: [FunctionCode] = []
    var loops: [LoopCode] = []
    for function in plan.functions {
      let entry = try layout.code(function.function, .entry)
      var row = FunctionCode(
        entry: UInt32(entry.lowerBound), entrySize: UInt32(entry.count),
        node: UInt32(numbering.base(function, .entry)),
        genericNode: UInt32(numbering.base(function, .generic)))
      if function.speculative != nil {
        row.frameSize = UInt32(frameSizes[function.function] ?? 0)
        row.entryStub = UInt32(
          try layout.code(BaselineObject.stubName(function.function)).lowerBound)
      }
      if function.keepsGeneric {
        let generic = try layout.code(function.function, .generic)
        row.generic = UInt32(generic.lowerBound)
        row.genericSize = UInt32(generic.count)
      }
      functions.append(row)
      for byteOffset in function.osrEntries {
        let code = try layout.code(function.function, .loop(byteOffset: byteOffset))
        loops.append(
          LoopCode(
            function: UInt32(function.function), byteOffset: UInt32(byteOffset),
            entry: UInt32(code.lowerBound), entrySize: UInt32(code.count)))
      }
    }
    return CodeTables.encode(
      functions: functions, loops: loops, inlineNodes: numbering.inlineNodes,
      dispatch: plan.dispatchTables.map {
        DispatchRow(table: UInt32($0.table), typeIndex: UInt32($0.typeIndex))
      }, baseline: baseline)
  }

  /// All deopt points, and the frame size of each function that has some.
  private func deoptPoints(
    _ layout: CodeLayout, _ stackMaps: [[StackMapRecord]]
  ) throws(CompileError) -> (points: [DeoptTable.Point], frameSizes: [Int: Int]) {
    var points: [DeoptTable.Point] = []
    var frameSizes: [Int: Int] = [:]
    for (output, records) in zip(outputs, stackMaps) {
      let states = output.exits.map {
        $0.state.renumbered(
          from: numbering.base(function: $0.guardID.function, isSpeculative: true))
      }
      for record in records {
        guard case .exit(let exit) = record.id else { continue }
        guard states.indices.contains(exit) else {
          throw .llvm("stack map without a frame state")
        }
        let guardID = output.exits[exit].guardID
        let locations = try locations(record, states[exit])
        points.append(
          DeoptTable.Point(
            codeOffset: UInt32(try layout.offset(record)),
            state: states[exit], locations: locations,
            guardNumber: try number(of: guardID)))
        let extent = DeoptTable.extent(locations)
        guard extent <= record.frameSize ?? .max else {
          throw .llvm("stack map with a value outside of the frame")
        }
        frameSizes[guardID.function] = max(
          frameSizes[guardID.function] ?? 0, record.frameSize ?? extent)
      }
    }
    return (points, frameSizes)
  }

  private func locations(
    _ record: StackMapRecord, _ state: FrameState
  ) throws(CompileError) -> [ValueLocation] {
    let slots = state.frames.flatMap { $0.locals + $0.operands }
    guard slots.count == record.locations.count else {
      throw .llvm("stack map with other values than its frame state")
    }
    var result: [ValueLocation] = []
    for (location, slot) in zip(record.locations, slots) {
      result.append(try location.narrowed(to: slot))
    }
    return result
  }

  /// Where frames resume after a deopt, by function.
  private func resumePoints(
    _ stackMaps: [[StackMapRecord]]
  ) throws(CompileError) -> [Int: Set<ResumePoint>] {
    var result: [Int: Set<ResumePoint>] = [:]
    for (output, records) in zip(outputs, stackMaps) {
      for record in records {
        guard case .exit(let number) = record.id else { continue }
        guard output.exits.indices.contains(number) else {
          throw .llvm("stack map without a frame state")
        }
        let exit = output.exits[number]
        let base = numbering.base(function: exit.guardID.function, isSpeculative: true)
        for frame in exit.state.frames {
          let function = Int(numbering.inlineNodes[base + Int(frame.node)].function)
          result[function, default: []].insert(frame.resume)
        }
      }
    }
    return result
  }

  /// Baseline code for functions without other code, and for frames after a deopt.
  private func makeBaselineObject(_ resumes: [Int: Set<ResumePoint>]) -> BaselineObject {
    let notOptimized = Set(baseline.map { Int($0.function) })
    var included: Set<Int> = []
    if includesBaseline {
      // A failed instantiation leaves references behind in tables of others. Its optimized code must not run.
      included =
        module.fillsImportedTables
        ? Set(plan.functions.map(\.function)) : notOptimized.union(resumes.keys)
    }
    return BaselineObject(
      module: module, plan: plan, notOptimized: notOptimized, included: included,
      target: VectorTarget(features: manifest.cpuFeatures, relaxed: manifest.relaxed),
      resumes: resumes, source: source)
  }

  private func baselineTable(
    _ layout: CodeLayout, _ object: BaselineObject, _ resumes: [Int: Set<ResumePoint>]
  ) throws(CompileError) -> [UInt8] {
    var entries: [BaselineTable.Entry] = []
    for (function, symbol, compiled) in object.functions {
      var offsets: [ResumePoint: Int] = [:]
      for resume in resumes[function] ?? [] {
        guard let offset = compiled.codeOffset(of: resume) else {
          throw .plan("baseline code of function \(function) cannot resume at \(resume.byteOffset)")
        }
        offsets[resume] = offset
      }
      entries.append(
        BaselineTable.Entry(
          function: function, code: try layout.code(symbol), slots: compiled.slots,
          resumes: offsets, locations: compiled.locations))
    }
    return BaselineTable.encode(entries)
  }

  private func deoptTable(_ points: [DeoptTable.Point]) throws(CompileError) -> [UInt8] {
    for point in points {
      let slots = point.state.slotCount
      guard slots == point.locations.count else {
        throw .llvm("stack map has \(point.locations.count) values, its frame state \(slots)")
      }
    }
    return DeoptTable.encode(points, guards: guards.sites)
  }

  private func guardTests(_ layout: CodeLayout) throws(CompileError) -> [GuardTest] {
    var tests: [GuardTest] = []
    for compare in outputs.flatMap(\.compares) {
      guard let function = layout.symbols[compare.function] else {
        throw .llvm("guard in an unknown function")
      }
      tests.append(
        GuardTest(
          codeOffset: UInt32(function.lowerBound + compare.functionOffset),
          length: UInt32(compare.length), guardNumber: try number(of: compare.guardID)))
    }
    return tests
  }

  private func number(of id: GuardID) throws(CompileError) -> UInt32 {
    guard let number = guards.number(of: id), Int(number) < guards.sites.count else {
      throw .plan("function \(id.function) has no guard \(id.number)")
    }
    return number
  }

  /// The first instruction of each version, and its calls, ascending by code offset. A call's row starts at its last byte, which
  /// is where a return address is looked up.
  /// - Parameter statepoints: by output.
  private func locations(
    _ layout: CodeLayout, _ statepoints: [[StackMapRecord]]
  ) throws(CompileError) -> [LocationRow] {
    var rows: [LocationRow] = []
    for function in plan.functions {
      for version in function.versions {
        let code = try layout.code(function.function, version)
        rows.append(
          LocationRow(
            codeOffset: UInt32(code.lowerBound),
            location: CodeLocation(
              node: UInt32(numbering.base(function, version)),
              byteOffset: UInt32(module.functions[function.function].body.lowerBound))))
      }
    }
    for record in statepoints.joined() {
      guard case .call(let place) = record.id else { continue }
      rows.append(
        LocationRow(
          codeOffset: UInt32(try layout.offset(record) - 1),
          location: numbering.location(of: place)))
    }
    rows.append(LocationRow(codeOffset: UInt32(try optimizedEnd(layout)), location: nil))
    return rows.sorted { $0.codeOffset < $1.codeOffset }
  }

  /// The memory accesses that may fault, ascending by code offset.
  private func faults(_ layout: CodeLayout) throws(CompileError) -> [LocationRow] {
    var rows: [LocationRow] = []
    for fault in outputs.flatMap(\.faults) {
      guard let code = layout.symbols[fault.function] else {
        throw .llvm("fault in an unknown function")
      }
      rows.append(
        LocationRow(
          codeOffset: UInt32(code.lowerBound + fault.functionOffset),
          location: numbering.location(of: fault.place)))
    }
    return rows.sorted { $0.codeOffset < $1.codeOffset }
  }
}
