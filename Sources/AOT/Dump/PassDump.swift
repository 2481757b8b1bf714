import CLLVM
import Contract
import Speculation

/// Prints LLVM IR and machine code of a partition's functions.
struct PassDump {
  let dump: DumpOptions
  let translator: PartitionTranslator
  let machine: LLVMTargetMachineRef
  let target: TargetOptions

  /// Prints the whole IR after a stage.
  func write(_ stage: DumpOptions.Stage, _ unit: LLVMUnit) {
    // The function to dump may be in the other unit.
    guard dump.stages.contains(stage), case let text = text(unit), !text.isEmpty else { return }
    dump.write("; \(stage.rawValue)\n" + text)
  }

  /// Runs a pass and prints the lines that it removed and added.
  func observe<Result>(
    _ stage: DumpOptions.Stage, _ unit: LLVMUnit, _ pass: () -> Result
  ) throws(CompileError) -> Result {
    guard dump.stages.contains(stage) else { return pass() }
    // Names every value, so that a change does not renumber all values after it.
    try Pipeline.run("function(instnamer)", on: unit, machine: machine)
    let before = comparableText(unit)
    let result = pass()
    let changes = Self.changes(from: before, to: comparableText(unit))
    if !changes.isEmpty { dump.write("; \(stage.rawValue)\n" + changes) }
    return result
  }

  /// Prints the frames of each deopt point, outermost first.
  func writeFrameStates() {
    guard dump.stages.contains(.frameStates) else { return }
    var text = ""
    for (number, exit) in translator.exits.enumerated() {
      guard (dump.function ?? exit.guardID.function) == exit.guardID.function else { continue }
      text += "\(number) in f\(exit.guardID.function)\n"
      let tree = translator.functionPlan(exit.guardID.function)?.speculative
      for frame in exit.state.frames {
        let function = tree.map { "f\($0.nodes[Int(frame.node)].function)" } ?? "?"
        text += "  \(function) \(frame.resume.position) @\(frame.resume.byteOffset)"
        text += ": locals \(frame.locals), operands \(frame.operands)\n"
      }
    }
    if !text.isEmpty { dump.write("; frame-states\n" + text) }
  }

  /// Prints an object's machine code, without what the linker fills in.
  func writeCode(_ object: [UInt8]) throws(CompileError) {
    guard dump.stages.contains(.code) else { return }
    let functions = try readELF(object) { elf throws(ArtefactError) in
      guard let symbols = try elf.symbols() else { return [(name: String, code: [UInt8])]() }
      var functions: [(name: String, code: [UInt8])] = []
      for row in symbols.rows.sorted(by: { $0.value < $1.value })
      where row.isFunction && elf.sections.indices.contains(Int(row.section)) {
        let bytes = elf.contents(elf.sections[Int(row.section)])
        let start = Int(row.value)
        let end = start + Int(row.size)
        guard start <= end, end <= bytes.count else { continue }
        functions.append((try elf.name(row, table: symbols.table), Array(bytes[start..<end])))
      }
      return functions
    }
    for function in functions where names?.contains(function.name) ?? true {
      dump.write("; code of \(function.name)\n" + Disassembly(target).text(function.code))
    }
  }

  /// Prints the compares of guards, in the order of the code.
  func writeGuards(_ compares: [CompareRecord]) {
    guard dump.stages.contains(.guards) else { return }
    var text = ""
    for compare in compares where names?.contains(compare.function) ?? true {
      text += "\(compare.function)+\(compare.functionOffset), \(compare.length) bytes: "
      text += "guard \(compare.guardID.number)"
      let guards = translator.functionPlan(compare.guardID.function)?.speculative?.guards ?? []
      if guards.indices.contains(compare.guardID.number) {
        let site = guards[compare.guardID.number]
        text += ", @\(site.byteOffset) in node \(site.node)"
      }
      text += "\n"
    }
    if !text.isEmpty { dump.write("; guards\n" + text) }
  }

  /// Symbols of the function to dump; nil: all.
  private var names: [String]? {
    guard let function = dump.function else { return nil }
    return translator.functionPlan(function)?.versions.map {
      symbolName(function: function, version: $0)
    } ?? []
  }

  private func text(_ unit: LLVMUnit) -> String {
    guard let names else { return unit.text }
    return names.compactMap { LLVMGetNamedFunction(unit.module, $0) }
      .map { LLVMUnit.take(LLVMPrintValueToString($0)) }.joined(separator: "\n")
  }

  /// Without metadata, whose numbers differ after each change.
  private func comparableText(_ unit: LLVMUnit) -> String {
    text(unit).replacing(/, ![a-z._]+ ![0-9]+|metadata ![0-9]+/, with: "")
  }

  /// The lines that only one of the texts has, in order: `-` marks those of `before`, `+` those of `after`.
  static func changes(from before: String, to after: String) -> String {
    let old = before.split(separator: "\n")
    let new = after.split(separator: "\n")
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in new.difference(from: old) {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var lines: [String] = []
    var (left, right) = (0, 0)
    while left < old.count || right < new.count {
      if removed.contains(left) {
        lines.append("-\(old[left])")
        left += 1
      } else if inserted.contains(right) {
        lines.append("+\(new[right])")
        right += 1
      } else {
        left += 1
        right += 1
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }
}
