import Baseline
import Contract
import Speculation
import Wasm

/// Prints the stages that come before LLVM.
struct ModuleDump {
  let module: Module
  let plan: CompilationPlan
  let dump: DumpOptions
  let target: TargetOptions

  func run() throws(CompileError) {
    if dump.stages.contains(.plan) {
      dump.write("; plan\n" + plan.describe(module, function: dump.function))
    }
    for function in module.importedFunctionCount..<module.functions.count {
      if dump.includes(.liveness, function) {
        dump.write("; liveness of f\(function)\n" + (try liveness(function)))
      }
      if dump.includes(.baseline, function) {
        dump.write("; baseline code of f\(function)\n" + (try baseline(function)))
      }
    }
  }

  /// A line for each call.
  private func liveness(_ function: Int) throws(CompileError) -> String {
    let liveness = try LocalLiveness(module: module, function: function)
    let count = module.localTypes(ofFunction: function).count
    var walker = BodyWalker(module, function: function)
    var text = ""
    while try walker.nextToCompile() {
      let instruction = walker.instruction
      guard instruction.opcode.effects.contains(.calls), walker.isReachable else { continue }
      let live = (0..<count).filter { liveness.isLive($0, at: instruction.offset) }
      text += "@\(instruction.offset) \(instruction.opcode.info.mnemonic):"
      text += live.isEmpty ? " none\n" : live.map { " \($0)" }.joined() + "\n"
    }
    return text
  }

  /// Machine code, each instruction of the module printed before the code emitted for it.
  private func baseline(_ function: Int) throws(CompileError) -> String {
    let compiled: CompiledFunction
    var mnemonics: [Int: String] = [:]
    do throws(WasmError) {
      compiled = try BaselineCompiler.compile(
        module, function: function, layout: ContextLayout(module))
      var reader = InstructionReader(module, function: function)
      while let instruction = try reader.next() {
        mnemonics[instruction.offset] = instruction.opcode.info.mnemonic
      }
    } catch {
      throw .module("\(error)")
    }
    var notes: [Int: String] = [:]
    for location in compiled.locations {
      let place = Int(location.byteOffset)
      notes[Int(location.codeOffset), default: ""] +=
        "@\(place) \(mnemonics[place] ?? "entry")\n"
    }
    for site in compiled.callSites {
      notes[site.resumeBefore, default: ""] += "resume before @\(site.byteOffset):\n"
      if let after = site.resumeAfter {
        notes[after, default: ""] += "resume after @\(site.byteOffset):\n"
      }
    }
    return
      "frame of \(compiled.frameSize) bytes, \(compiled.slots.count) slots\n"
      + Disassembly(target).text(compiled.code, notes: notes)
  }
}
