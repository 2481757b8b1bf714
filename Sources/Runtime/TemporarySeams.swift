// Stand-ins until the targets of these names land; then this file goes.
import Contract
import Wasm

struct BaselineOptions: Sendable {
  init(feedback: FeedbackLayout?, loopNumbers: [Int: Int] = [:]) {}
}
package struct CompiledFunction: Sendable {
  var code: [UInt8] = []
  func byteOffset(at codeOffset: Int) -> Int? { nil }
}
enum BaselineCompiler {
  static func compile(
    _ module: Module, function: Int, layout: ContextLayout, options: BaselineOptions
  ) throws(WasmError) -> CompiledFunction {
    CompiledFunction()
  }
}
package struct FeedbackLayout: Sendable {
  package let size = 0
  init(_ module: Module) {}
}
enum TargetRecord {
  static let slotCount = 4
  static func key(_ slot: Int) -> Int { 16 * slot }
  static func count(_ slot: Int) -> Int { 16 * slot + 8 }
  static let otherCount = 64
  static let foreignCount = 72
  static func function(key: UInt64, functionCount: Int) -> Int? {
    guard key % 32 == 0, key / 32 >= 1, key / 32 <= UInt64(functionCount) else { return nil }
    return Int(key / 32) - 1
  }
}
