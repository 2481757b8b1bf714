import CLLVM
import Contract
import Wasm

/// Jumps that stand in for functions that fall back to baseline code, for the functions that call them by symbol. With them,
/// compiled and cached partitions stay valid whichever of their callees fails to compile.
///
///     wasm_f7: jmp [rdi + entry(7)]
///
/// The context's entry points to the baseline code, or to the stub that compiles it.
enum EntryJumps {
  /// - Returns: an object file.
  static func compile(
    _ functions: [Int], module: Module, target: TargetOptions
  ) throws(CompileError) -> [UInt8] {
    let context = LLVMContextCreate()!
    defer { LLVMContextDispose(context) }
    let machine = try Pipeline.makeMachine(target, .light)
    defer { LLVMDisposeTargetMachine(machine) }
    let unit = LLVMUnit(context: context, name: defaultModuleName)
    defer { unit.dispose() }
    LLVMSetTarget(unit.module, Pipeline.triple)
    let dataLayout = LLVMCreateTargetDataLayout(machine)
    LLVMSetModuleDataLayout(unit.module, dataLayout)
    LLVMDisposeTargetData(dataLayout)
    let layout = ContextLayout(module)
    for function in functions { build(function, module, layout, unit) }
    return try Pipeline.emitObject(unit, machine: machine)
  }

  private static func build(
    _ function: Int, _ module: Module, _ layout: ContextLayout, _ unit: LLVMUnit
  ) {
    let type = unit.prototype(of: module.type(ofFunction: function)).type
    let jump = unit.declare(symbolName(function: function, version: .entry), type)
    LLVMSetVisibility(jump, LLVMHiddenVisibility)
    unit.addAttribute(jump, unit.enumAttribute("nounwind"))
    // For unwinders that use tables: the function has no frame.
    unit.addAttribute(jump, unit.enumAttribute("uwtable", 2))
    unit.position(at: unit.appendBlock(jump, "entry"))
    let arguments = (0..<LLVMCountParams(jump)).map { LLVMGetParam(jump, $0)! }
    let code = unit.load(
      unit.pointer, unit.address(arguments[0], layout.entry(function)), region: "entries")
    unit.tailCall(jump, code, arguments)
  }
}
