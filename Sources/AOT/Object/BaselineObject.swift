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
  ///   - source: for debug information; nil: none.
  init(
    module: Module, plan: CompilationPlan, notOptimized: Set<Int>, included: Set<Int>,
    target: VectorTarget, resumes: [Int: Set<ResumePoint>], source: GuestSource?
  ) {
    let layout = ContextLayout(module)
    let loopNumbers = Self.loopNumbers(plan)
    var code: [UInt8] = []
    var symbols: [ELFFile.Function] = []
    var description = CodeDescription(functions: [])
    /// - Returns: where it is.
    func append(_ bytes: [UInt8], _ name: String, alignment: Int) -> Range<Int> {
      code += [UInt8](repeating: MachineStubs.trap, count: -code.count & (alignment - 1))
      symbols.append(.init(name: name, code: code.count..<code.count + bytes.count))
      code += bytes
      return code.count - bytes.count..<code.count
    }
    func appendJump(_ function: Int, _ name: String) {
      let range = append(MachineStubs.entry(offset: layout.entry(function)), name, alignment: 8)
      description.functions.append(.init(name: name, code: range, frameExits: nil))
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
              .map { Int($0.byteOffset) }.sorted(), target: target,
            recordsLines: source != nil))
      {
        let name = isOptimized ? symbol + "_baseline" : symbol
        let range = append(compiled.code, name, alignment: 16)
        description.append(compiled, function, at: range, in: module, source)
        functions.append((function, name, compiled))
      } else if !isOptimized {
        appendJump(function, symbol)
      }
    }
    if symbols.isEmpty { return }
    var sections = [description.unwindSection]
    if source != nil {
      sections += description.debugSections(producer: "wasm-pgo, baseline code")
    }
    object = ELFFile.encodeObject(
      [(".text", code)] + sections.map { ($0.name, $0.bytes) }, functions: symbols,
      patches: Dictionary(uniqueKeysWithValues: sections.map { ($0.name, $0.patches) }))
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

extension CodeDescription {
  /// Adds baseline code.
  fileprivate mutating func append(
    _ compiled: CompiledFunction, _ function: Int, at range: Range<Int>, in module: Module,
    _ source: GuestSource?
  ) {
    var result = Function(name: "", code: range, frameExits: compiled.frameExits)
    if let source {
      let body = module.functions[function].body
      let place = source.map.firstFunction(in: body)
      result.name =
        place.map { source.map.text($0.function) } ?? source.names.name(function)
      result.file = number(ofFile: place.map { source.map.text($0.file) } ?? source.fileName)
      result.line = place.map { Int($0.startLine) } ?? body.lowerBound
      for line in compiled.lines {
        // Of what is inlined, only the innermost place.
        let frame = source.map.frames(at: Int(line.byteOffset)).first
        let unknown = place == nil ? Int(line.byteOffset) : 0
        result.rows.append(
          Line(
            codeOffset: Int(line.codeOffset),
            file: frame.map { number(ofFile: source.map.text($0.file)) } ?? result.file,
            line: frame.map { Int($0.line) } ?? unknown))
      }
    }
    functions.append(result)
  }
}
