import Contract
import Speculation
import TestSupport
import Testing
import Wasm
import WasmText

@testable import AOT
@testable import Runtime

/// Symbols are the module's names, which nobody may trust.
@Suite struct SymbolNameTests {
  private static let text = """
    (module
      (table 2 2 funcref) (elem (i32.const 0) 0 1)
      (type (func (param i32) (result i32)))
      (func (type 0) local.get 0 i32.const 1 i32.add)
      (func (type 0) local.get 0 i32.const 2 i32.mul)
      (func (type 0) local.get 0 i32.const 0 call_indirect (type 0))
      (func (type 0) local.get 0 call 2)
      (func (type 0) local.get 0)
      (func (export "run") (type 0) local.get 0 call 3 call 2))
    """

  /// The module with a name section of these names. The text has none, so there is no other.
  private static func module(_ names: [String?]) throws -> Module {
    var bytes = try assemble(text)
    func unsigned(_ value: Int) -> [UInt8] {
      var writer = ArtefactWriter()
      writer.unsigned(UInt64(value))
      return writer.bytes
    }
    func name(_ text: String) -> [UInt8] { unsigned(text.utf8.count) + Array(text.utf8) }
    let rows = names.enumerated().compactMap { index, text in
      text.map { unsigned(index) + name($0) }
    }
    let functions = unsigned(rows.count) + rows.joined()
    let contents = name("name") + [1] + unsigned(functions.count) + functions
    bytes += [0] + unsigned(contents.count) + contents
    let module = try Module(validating: bytes)
    #expect(module.functionName(0) == names[0])
    return module
  }

  private static let hostile: [[String?]] = [
    ["same", "same", "same", nil, "", "f3"],
    ["a", "a.spec", "a.f0", "a.osr12", "a.base", "a.generic"],
    ["x\u{0}y", "x\u{1B}[2Jy", "x\ny", "\u{202E}x", "x y@@VERSION", ".text"],
    [
      String(repeating: "n", count: 5000), String(repeating: "n", count: 6000),
      String(repeating: "\u{7}", count: 4000), "_Z1fv", "main", "wasm_f0",
    ],
    [".L1", "_GLOBAL_OFFSET_TABLE_", "_DYNAMIC", "é😀", "sum(int, int)", "%s%n"],
  ]

  @Test(arguments: hostile) func namesAreSafeAndDiffer(names: [String?]) throws {
    let module = try Self.module(names)
    let codeNames = CodeNames(module)
    var all: [String] = []
    for function in module.functions.indices {
      for code in [
        CodeNames.Code.optimized, .speculative, .generic, .baseline, .stub,
        .loop(byteOffset: 1), .loop(byteOffset: 12),
      ] { all.append(codeNames.name(function, code)) }
    }
    #expect(Set(all).count == all.count)
    for name in all {
      #expect(!name.isEmpty && name.utf8.count < CodeNames.maximumLength + 50)
      #expect(!name.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
    }
  }

  /// Linking is not impressed, and every piece of code has its symbol.
  @Test(arguments: hostile, [true, false])
  func artefactsHaveThem(names: [String?], isShared: Bool) throws {
    let module = try Self.module(names)
    let codeNames = CodeNames(module)
    let plan = Planner.plan(module: module)
    var options = CompilerOptions(
      cpu: try #require(CPUChoice("x86-64-v2")), isShared: isShared, usesProcesses: false)
    options.baseline = [4: .cold]
    let bytes = try Compiler.compile(module, plan: plan, options: options)
    let symbols = try functionSymbols(bytes)
    #expect(Set(symbols).count == symbols.count)
    for function in module.functions.indices where function != 4 {
      let own = [CodeNames.Code.optimized, .speculative].filter {
        symbols.contains(codeNames.name(function, $0))
      }
      #expect(own.count == 1, "\(function): \(symbols)")
    }
    #expect(symbols.contains(codeNames.name(4, .baseline)))
    // What else a symbol table names it may not take from the module.
    #expect(!symbols.contains { $0.hasPrefix("wasm_f") && $0 != "wasm_f0" })
    let store = try Store()
    let artefact = try Artefact(bytes: bytes)
    let instance = try Linker(store).instantiate(CompiledModule(artefact: artefact))
    let run = try #require(instance.exportedFunction("run"))
    #expect(try run.call([.i32(5)]) == [.i32(7)])
  }

  private func functionSymbols(_ bytes: [UInt8]) throws -> [String] {
    try bytes.withUnsafeBytes { bytes in
      let elf = try ELFFile(ArtefactFile.open(bytes))
      let table = try #require(elf.sections.first { $0.type == ELFFile.symbolTable })
      let strings = elf.contents(elf.sections[Int(table.link)])
      return try elf.symbols(table).filter(\.isFunction).map { row in
        // Longer than the reader's limit, some of them.
        let end = try #require(strings[Int(row.name)...].firstIndex(of: 0))
        return try #require(String(validating: strings[Int(row.name)..<end], as: UTF8.self))
      }
    }
  }

  /// Mangled names are read by a process of its own, where they do no harm.
  @Test func demanglesOnRequest() throws {
    let deep = "_Z" + String(repeating: "PF", count: 400) + "v"
    let module = try Self.module([
      "_ZN5shape4areaEi", "_RNvCs1234_7mycrate3foo", "plain", "_Znonsense", deep, "_Z1gv",
    ])
    let scratch = try ScratchDirectory()
    defer { scratch.remove() }
    let reader = SourceReader(module: module, scratch: scratch)
    let names = try #require(try reader.demangledNames())
    #expect(names[0] == "shape::area(int)" && names[1] == "mycrate::foo" && names[5] == "g()")
    #expect(names[2] == nil && names[3] == "_Znonsense")
    let codeNames = CodeNames(module, replaced: names)
    #expect(codeNames.name(0, .speculative) == "shape::area(int).spec")
  }
}
