import Contract
import Speculation
import Wasm

/// Finds the functions that use features which the compiler does not translate, so that they need not be tried.
struct Translatable {
  var module: Module
  var plan: CompilationPlan
  var features: FeatureSet

  /// - Returns: the reason for each such function.
  func refused() throws(CompileError) -> [Int: BaselineReason] {
    // Valid modules use no other features.
    if FeatureSet.valid.isSubset(of: features) { return [:] }
    return try plan.functions(containing: refusal)
  }

  private func refusal(_ function: Int) throws(CompileError) -> BaselineReason? {
    do throws(WasmError) {
      guard let need = try module.firstNeed(ofFunction: function, beyond: features) else {
        return nil
      }
      return Self.reason(need.what, function: function, byteOffset: need.byteOffset)
    } catch {
      throw .module("\(error)")
    }
  }

  static func reason(_ what: String, function: Int, byteOffset: Int) -> BaselineReason {
    BaselineReason(.notTranslatable, "\(what) in function \(function) at byte \(byteOffset)")
  }
}

extension CompilationPlan {
  /// - Parameter reason: why a body cannot be compiled; nil if it can.
  /// - Returns: the reason for each optimized function whose trees contain such a body, and the first such body's if there are
  ///   several.
  func functions(
    containing reason: (Int) throws(CompileError) -> BaselineReason?
  ) throws(CompileError) -> [Int: BaselineReason] {
    var known: [Int: BaselineReason?] = [:]
    var result: [Int: BaselineReason] = [:]
    for row in functions where row.isOptimized {
      for node in [row.speculative, row.generic].compactMap({ $0 }).flatMap(\.nodes) {
        if known[node.function] == nil { known[node.function] = try reason(node.function) }
        guard let reason = known[node.function] ?? nil else { continue }
        result[row.function] = reason
        break
      }
    }
    return result
  }
}
