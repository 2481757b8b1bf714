import Foundation
import Runtime
import Wasm
import WasmText

/// Runs one file of the official test suite on one tier.
public final class SpecRunner {
  public private(set) var failures: [String] = []
  public private(set) var passCount = 0
  /// Assertions about what custom annotations mean, which an implementation may ignore (spec appendix A.8).
  public private(set) var ignoredCount = 0

  public var deopts: Int { result.deopts }
  private(set) var result = SpecRun()

  private let tier: any TierRun
  private let expectedFailures: Set<String>
  private let file: SpecSuite.File
  private let store: Store
  private let linker: Linker
  private var definitions: [String: CompiledModule] = [:]
  private var lastDefinition: CompiledModule?
  private var instances: [String: Instance] = [:]
  private var lastInstance: Instance?
  /// Where modules are compiled; nil: on the same thread.
  private var outside: RestrictedThread.Outside?

  public init(_ file: SpecSuite.File, tier: Tier) throws {
    self.file = file
    self.tier = try tier.prepare(file)
    expectedFailures = SpecSuite.expectedFailures(tier.expectations)
    store = try Store()
    linker = Linker(store)
    try linker.defineSpectest()
  }

  /// Runs the file's commands. If all code is made ahead of time, on a thread that cannot make any.
  public func run() throws {
    guard tier.isAheadOfTime else { return try runCommands() }
    try RestrictedThread.run { outside in
      self.outside = outside
      try self.runCommands()
    }
  }

  private func runCommands() throws {
    let contents = try JSONDecoder().decode(
      SpecFileContents.self, from: Data(contentsOf: file.url))
    for command in contents.commands {
      let isExpectedToFail = expectedFailures.contains(
        "\(file.url.lastPathComponent):\(command.line)")
      do {
        try run(command)
        passCount += 1
        if isExpectedToFail {
          failures.append("\(file):\(command.line) passes, but is listed as an expected failure")
        }
      } catch  where isExpectedToFail {
        continue
      } catch {
        failures.append("\(file):\(command.line) \(command.type): \(error)")
      }
    }
    if let complaint = tier.complaint(result, callsAreExpected: file.callCount > 0) {
      failures.append("\(file): \(complaint)")
    }
  }

  private func run(_ command: SpecCommand) throws {
    switch command.type {
    case "module":
      lastInstance = nil
      let module = try define(command)
      try instantiate(module, name: command.name)
    case "module_definition": _ = try define(command)
    case "module_instance":
      guard let module = command.module.map({ definitions[$0] }) ?? lastDefinition else {
        throw SpecFailure("no such definition")
      }
      try instantiate(module, name: command.instance)
    case "register":
      linker.define(command.as ?? "", try instance(command.name))
    case "action": _ = try perform(command.action)
    case "assert_return":
      let results = try perform(command.action)
      let expected = command.expected ?? []
      guard results.count == expected.count,
        zip(expected, results).allSatisfy({ $0.matches($1) })
      else { throw SpecFailure("got \(results), expected \(expected)") }
    case "assert_trap", "assert_exhaustion": try expectTrap(command) { try perform(command.action) }
    case "assert_exception":
      do {
        let outcome = try perform(command.action)
        throw SpecFailure("no exception, but \(outcome)")
      } catch is Exception {}
    case "assert_uninstantiable":
      let module = try compile(try bytes(command))
      try expectTrap(command) { try makeInstance(module) }
    case "assert_unlinkable": try expectLinkError(command)
    case "assert_invalid": try expectInvalid(command)
    case "assert_malformed": try expectMalformed(command)
    case "assert_invalid_custom", "assert_malformed_custom": ignoredCount += 1
    default: throw SpecFailure("unknown command")
    }
  }

  // MARK: Modules

  private func bytes(_ command: SpecCommand) throws -> [UInt8] {
    guard let name = command.filename else { throw SpecFailure("module without a file") }
    let contents = try Data(
      contentsOf: file.url.deletingLastPathComponent().appending(path: name))
    guard command.moduleType == "text" else {
      let isTaken = command.type == "module" && file.hasSharedMemories
      return isTaken ? Self.unshared(Array(contents)) : Array(contents)
    }
    return try WasmText.assemble(Array(contents))
  }

  /// The module with an unshared memory where it defines a shared one. Sections in front of that of memories have sizes of a byte or two.
  private static func unshared(_ module: [UInt8]) -> [UInt8] {
    var module = module
    var position = 8
    while position + 3 < module.count {
      let isLong = module[position + 1] >= 0x80
      let contents = position + (isLong ? 3 : 2)
      // One memory; then its flags.
      if module[position] == 5 {
        module[contents + 1] &= ~2
        break
      }
      let size = Int(module[position + 1] & 0x7F) | (isLong ? Int(module[position + 2]) << 7 : 0)
      position = contents + size
    }
    return module
  }

  private func compile(_ bytes: [UInt8]) throws -> CompiledModule {
    let decoded = try Module(validating: bytes)
    let tier = tier
    let module = try outside.map { try $0 { try tier.compile(decoded) } } ?? tier.compile(decoded)
    result.modules.append(module)
    return module
  }

  private func define(_ command: SpecCommand) throws -> CompiledModule {
    let module = try compile(try bytes(command))
    lastDefinition = module
    if let name = command.name { definitions[name] = module }
    return module
  }

  private func instantiate(_ module: CompiledModule, name: String?) throws {
    lastInstance = nil
    let instance = try makeInstance(module)
    lastInstance = instance
    if let name { instances[name] = instance }
  }

  private func makeInstance(_ module: CompiledModule) throws -> Instance {
    try linker.instantiate(module) { result.instances.append($0) }
  }

  private func instance(_ name: String?) throws -> Instance {
    guard let instance = name.map({ instances[$0] }) ?? lastInstance else {
      throw SpecFailure("no instance \(name ?? "")")
    }
    return instance
  }

  private func perform(_ action: SpecAction?) throws -> [Value] {
    guard let action else { throw SpecFailure("no action") }
    switch (action.type, try instance(action.module).export(action.field)) {
    case ("invoke", .function(let function)?):
      return try function.call((action.args ?? []).map { try $0.argument() })
    case ("get", .global(let global)?): return [global.value]
    default: throw SpecFailure("no export \(action.field)")
    }
  }

  // MARK: Failures

  /// Messages of one may have details that the other lacks.
  private func agree(_ message: String, _ expected: String?) -> Bool {
    guard let expected else { return true }
    return message.hasPrefix(expected) || expected.hasPrefix(message)
  }

  private func expectTrap<T>(_ command: SpecCommand, _ body: () throws -> T) throws {
    do {
      let outcome = try body()
      throw SpecFailure("no trap, but \(outcome); expected \(command.text ?? "")")
    } catch let trap as Trap {
      guard agree(trap.message, command.text) else {
        throw SpecFailure("\(trap.message), expected \(command.text ?? "")")
      }
    }
  }

  private func expectLinkError(_ command: SpecCommand) throws {
    let module = try compile(try bytes(command))
    do {
      _ = try linker.instantiate(module)
      throw SpecFailure("linked, expected \(command.text ?? "")")
    } catch let error as LinkError {
      guard agree(error.message, command.text) else {
        throw SpecFailure("\(error.message), expected \(command.text ?? "")")
      }
    }
  }

  private func expectInvalid(_ command: SpecCommand) throws {
    let bytes = try bytes(command)
    do throws(WasmError) {
      _ = try Module(validating: bytes)
    } catch {
      return
    }
    throw SpecFailure("valid, expected \(command.text ?? "")")
  }

  private func expectMalformed(_ command: SpecCommand) throws {
    do {
      _ = try Module(validating: try bytes(command))
    } catch is WasmError {
      return
    } catch is WasmTextError {
      return
    }
    throw SpecFailure("accepted, expected \(command.text ?? "")")
  }
}
