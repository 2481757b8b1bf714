import Baseline
import Contract
import Speculation
import Wasm
import X64

/// An object file with the machine code that LLVM does not generate. All of it is position-independent.
///
///     wasm_f7            baseline code of a function without optimized code, for which it stands in wherever that is called by
///                        symbol. So compiled and cached partitions stay valid whichever of their callees fails to compile.
///                        Without baseline code: jmp [rdi + entry(7)], which leads to the stub that compiles it.
///     wasm_f8_baseline   baseline code of a function that has optimized code as well
///     wasm_f8_stub       jmp [rdi + entry(8)], for references to a function whose entry may change
struct BaselineObject {
  /// The object file; nil if there is nothing in it.
  private(set) var object: [UInt8]?
  /// The functions with baseline code, ascending, and the symbols of the code.
  private(set) var functions: [(function: Int, symbol: String, compiled: CompiledFunction)] = []

  /// - Parameters:
  ///   - notOptimized: functions that LLVM did not compile.
  ///   - included: the functions whose baseline code the object contains, unless they exceed the limits of
  ///     `BaselineCompiler`.
  ///   - target: what code with vectors may use.
  ///   - resumes: where the functions' frames resume after a deopt.
  init(
    module: Module, plan: CompilationPlan, notOptimized: Set<Int>, included: Set<Int>,
    target: VectorTarget, resumes: [Int: Set<ResumePoint>]
  ) {
    let layout = ContextLayout(module)
    let loopNumbers = Self.loopNumbers(plan)
    var code: [UInt8] = []
    var symbols: [ELFFile.Function] = []
    func append(_ bytes: [UInt8], _ name: String, alignment: Int) {
      code += [UInt8](repeating: MachineStubs.trap, count: -code.count & (alignment - 1))
      symbols.append(.init(name: name, code: code.count..<code.count + bytes.count))
      code += bytes
    }
    func appendJump(_ function: Int, _ name: String) {
      append(MachineStubs.entry(offset: layout.entry(function)), name, alignment: 8)
    }
    for row in plan.functions {
      let function = row.function
      let symbol = symbolName(function: function, version: .entry)
      let isOptimized = !notOptimized.contains(function)
      if row.speculative != nil { appendJump(function, Self.stubName(function)) }
      if included.contains(function),
        let compiled = try? BaselineCompiler.compile(
          module, function: function, layout: layout,
          options: BaselineOptions(
            loopNumbers: loopNumbers[function] ?? [:],
            resumeOffsets: (resumes[function] ?? []).filter { $0.position == .before }
              .map { Int($0.byteOffset) }.sorted(), target: target))
      {
        let name = isOptimized ? symbol + "_baseline" : symbol
        append(compiled.code, name, alignment: 16)
        functions.append((function, name, compiled))
      } else if !isOptimized {
        appendJump(function, symbol)
      }
    }
    if !symbols.isEmpty { object = ELFFile.encodeObject([(".text", code)], functions: symbols) }
  }

  /// By function, then byte offset: the rows of the artefact's loop table.
  private static func loopNumbers(_ plan: CompilationPlan) -> [Int: [Int: Int]] {
    var result: [Int: [Int: Int]] = [:]
    var row = 0
    for function in plan.functions {
      for byteOffset in function.osrEntries {
        result[function.function, default: [:]][byteOffset] = row
        row += 1
      }
    }
    return result
  }

  /// The symbol of the jump through a function's entry.
  static func stubName(_ function: Int) -> String {
    symbolName(function: function, version: .entry) + "_stub"
  }
}
