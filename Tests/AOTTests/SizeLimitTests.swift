import CLLVM
import Contract
import Runtime
import Speculation
import Testing
import Wasm
import WasmText

@testable import AOT

/// Functions on which LLVM would take out of proportion are left to the baseline.
@Suite struct SizeLimitTests {
  /// A function that has `count` of something, around a loop.
  private struct Shape: Sendable {
    var limit: String
    var body: @Sendable (Int) -> String
    /// The amount of it that is just allowed.
    var count: Int
    var declarations = ""
  }

  private static let fat = "(type $fat (func (param\(String(repeating: " i64", count: 100)))))"

  private static let shapes = [
    Shape(
      limit: "loops", body: { String(repeating: "(loop (br_if 0 (local.get 0)))", count: $0) },
      count: 128),
    Shape(
      limit: "instructions without a branch",
      body: { String(repeating: "(block nop)", count: $0 / 3) }, count: 1 << 14),
    Shape(
      limit: "memory accesses without a branch",
      body: { String(repeating: "(i32.store (local.get 0) (i32.const 1))", count: $0) },
      count: 1 << 11, declarations: "(memory 1)"),
    Shape(
      limit: "calls, their values and globals without a branch",
      body: {
        String(
          repeating: "(global.set $g (i32.const 1)) (block (call $f (i32.const 2)))", count: $0 / 3)
      }, count: 1 << 10, declarations: "(global $g (mut i32) (i32.const 0)) (func $f (param i32))"),
    Shape(
      limit: "operands at once",
      body: {
        String(repeating: "(local.get 0)", count: $0) + String(repeating: "drop ", count: $0)
      }, count: 1 << 10),
    Shape(
      limit: "locals times calls",
      body: {
        "(local\(String(repeating: " i32", count: 1023)))"
          + String(repeating: "(if (local.get 0) (then (call $f)))", count: $0 >> 10)
      }, count: 1 << 18, declarations: "(func $f)"),
    Shape(
      limit: "locals times stretches without a branch",
      body: {
        "(local\(String(repeating: " i32", count: 4095)))"
          + String(repeating: "(br_if 0 (local.get 0))", count: $0 >> 12)
      }, count: 1 << 22),
    Shape(
      limit: "values passed by branches",
      body: {
        String(repeating: "(i64.const 1)", count: 100)
          + "(loop (type $fat) (br_table \(String(repeating: "0 ", count: $0 / 100)) (local.get 0)))"
      }, count: 1 << 17, declarations: fat),
  ]

  private func module(_ shape: Shape, count: Int) throws -> Module {
    try Module(
      validating: assemble(
        """
        (module \(shape.declarations)
          (func $run (export "run") (param i32) \(shape.body(count))))
        """))
  }

  private func reason(_ shape: Shape, count: Int) throws -> BaselineReason? {
    let module = try module(shape, count: count)
    let function = try #require(module.function(exported: "run"))
    let plan = Planner.plan(module: module)
    return try SizeLimit.exceeded(plan, module)[function]
  }

  @Test(arguments: shapes.indices) func each(index: Int) throws {
    let shape = Self.shapes[index]
    let reason = try #require(try reason(shape, count: shape.count * 5 / 4), "\(shape.limit)")
    #expect(reason.kind == .tooLarge)
    #expect(
      reason.detail.hasSuffix(
        " \(shape.limit) in function \(Self.runIndex(shape)), more than \(shape.count)"),
      "\(reason)")
    #expect(try self.reason(shape, count: shape.count * 3 / 4) == nil, "\(shape.limit)")
  }

  /// The index of the function that has the amount.
  private static func runIndex(_ shape: Shape) -> Int {
    shape.declarations.contains("(func $f") ? 1 : 0
  }

  private static let countingLoop =
    "(loop (br_if 0 (i32.eqz (local.tee 0 (i32.add (local.get 0) (i32.const 1))))))"

  /// The function is compiled by the baseline, and the artefact says why.
  @Test func isInTheArtefact() throws {
    let module = try Module(
      validating: assemble(
        """
        (module
          (func (export "run") (param i32) (result i32)
            \(String(repeating: Self.countingLoop, count: 129))
            (local.get 0))
          (func (export "other") (result i32) (i32.const 7)))
        """))
    let artefact = try Artefact(
      bytes: Compiler.compile(module, plan: Planner.plan(module: module)))
    let reason = try #require(artefact.baselineReason(function: 0))
    #expect(reason.description == "too large for LLVM: 129 loops in function 0, more than 128")
    #expect(artefact.baselineReason(function: 1) == nil)
    let store = try Store()
    let instance = try Linker(store).instantiate(CompiledModule(artefact: artefact))
    let run = try #require(instance.exportedFunction("run"))
    #expect(try run.call([.i32(5)]) == [.i32(134)])
  }

  /// The IR grows in proportion to a function, whatever it has much of.
  @Test func irIsInProportion() throws {
    for (index, shape) in Self.shapes.enumerated() {
      let sizes = try [4, 2].map { try irSize(shape, count: shape.count / $0) }
      #expect(Double(sizes[1]) < 2.6 * Double(sizes[0]), "\(index), \(shape.limit): \(sizes)")
    }
  }

  /// Lines of text.
  private func irSize(_ shape: Shape, count: Int) throws -> Int {
    let module = try module(shape, count: count)
    let function = try #require(module.function(exported: "run"))
    let plan = Planner.plan(module: module)
    let context = LLVMContextCreate()!
    defer { LLVMContextDispose(context) }
    let unit = LLVMUnit(context: context, name: "test")
    defer { unit.dispose() }
    let translator = PartitionTranslator(
      module: module, plan: plan, profile: .init(), nodes: NodeNumbering(plan, module: module))
    try FunctionTranslator(
      translator, unit: unit, debugInfo: nil, plan: translator.checkedPlan(function),
      version: .entry
    ).translate()
    return unit.text.split(separator: "\n").count
  }
}
