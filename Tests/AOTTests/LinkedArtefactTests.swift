import Contract
import Foundation
import Runtime
import Speculation
import TestSupport
import Testing
import Wasm
import WasmText

@testable import AOT

/// Artefacts that are linked into a program: here, a shared object that this process loads.
@Suite struct LinkedArtefactTests {
  private static func object(_ text: String, symbol: String) throws -> [UInt8] {
    let module = try Module(validating: assemble(text))
    var options = CompilerOptions(isShared: false)
    options.symbol = symbol
    return try Compiler.compile(module, plan: Planner.plan(module: module), options: options)
  }

  private static func module(_ value: Int) -> String {
    """
    (module
      (memory 1)
      (func (export "value") (result i32) (i32.const \(value)))
      (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))
    """
  }

  private static func run(_ artefact: Artefact, _ name: String, _ arguments: [Value]) throws
    -> [Value]
  {
    let store = try Store()
    return try withExtendedLifetime(store) {
      let instance = try Linker(store).instantiate(CompiledModule(artefact: artefact))
      return try #require(instance.exportedFunction(name)).call(arguments)
    }
  }

  @Test func severalInOneProgram() throws {
    let folder = try TemporaryFolder()
    for (symbol, value) in [("first", 1), ("_2nd", 2)] {
      let object = try Self.object(Self.module(value), symbol: symbol)
      try folder.write(object, "\(symbol).o")
      // It is still an artefact by itself.
      let artefact = try Artefact(bytes: object)
      #expect(try Self.run(artefact, "value", []) == [.i32(Int32(value))])
    }
    let linked = try folder.command.shell("cc -shared -o both.so first.o _2nd.o 2>&1")
    #expect(linked.status == 0 && linked.output.isEmpty, "\(linked)")
    let stack = try folder.command.shell("readelf -lW both.so | grep GNU_STACK")
    #expect(!stack.output.contains("RWE"))

    let library = try #require(dlopen(folder.url("both.so").path, RTLD_NOW))
    for (symbol, value) in [("first", 1), ("_2nd", 2)] {
      let artefact = try Artefact(linked: #require(dlsym(library, symbol)))
      try artefact.check()
      #expect(try Self.run(artefact, "value", []) == [.i32(Int32(value))])
      #expect(throws: Trap.self) { try Self.run(artefact, "load", [.i32(65_536)]) }
      #expect(!artefact.contains(address: UInt(bitPattern: library)))
    }
    // Its code is gone from the registry with the last artefact, so that it may be unloaded.
    #expect(dlclose(library) == 0)
  }

  @Test func otherSymbolsAreRefused() throws {
    let words: [UInt64] = Array(repeating: 0, count: 32)
    #expect(throws: ArtefactError.self) {
      try words.withUnsafeBytes { _ = try Artefact(linked: $0.baseAddress!) }
    }
    for (name, isSymbol) in [
      ("app", true), ("_a1", true), ("", false), ("1a", false), ("a.b", false), ("ä", false),
      ("a b", false),
    ] {
      #expect(LinkedArtefact.isSymbol(name) == isSymbol, "\(name)")
    }
  }
}
