import Contract
import Forcing
import Runtime
import Wasm

/// A program whose artefact is edited (``HostileEdit``) and then run: what the edited one does has to stay within bounds.
public final class HostileProgram: @unchecked Sendable {
  // Immutable, and of outcomes only numbers are kept.
  public enum Verdict: Int, CaseIterable, Sendable {
    /// The loader said no.
    case refused
    /// As the baseline.
    case right
    /// A call ended with a trap or an error where the baseline's did not.
    case trapped
    /// Another result or another state: a table can make the code compute something else.
    case wrong
  }

  public let name: String
  public let original: ArtefactSurgery
  public let edits: [HostileEdit]
  private let program: DeoptCase
  private let calls: [(name: String, arguments: [Int64])]
  private let expected: [DeoptCase.Outcome]

  public static let all: [HostileProgram] = [
    // A failure here shows before anything else can.
    try! HostileProgram(
      "sample", Reader.Base.text,
      [.init("run", 0, "mix", "apply"), .init("apply", 0, "add")],
      [("run", [9, 5]), ("apply", [1, 77]), ("run", [30, -1])]),
    try! HostileProgram(
      "spilled", spilled, [.init("run", 0, "hot"), .init("outer", 0, "run")],
      [("outer", [0, 3]), ("outer", [1, 5]), ("run", [1, 7]), ("outer", [2, 9])]),
  ]

  private init(
    _ name: String, _ text: String, _ sites: [DeoptCase.Site],
    _ calls: [(name: String, arguments: [Int64])]
  ) throws {
    self.name = name
    self.calls = calls
    program = try DeoptCase(text, sites)
    original = try ArtefactSurgery(program.artefactBytes)
    edits = HostileEdit.all(of: original)
    expected = try Self.outcomes(program.baseline, calls, limit: nil)
  }

  /// Loads an artefact, asks it everything, and runs it, also with all of its guards failing.
  /// - Parameter limit: for each call, since an edit may make a loop endless; nil: none.
  public func verdict(
    _ bytes: [UInt8], isRun: Bool = true, limit: Duration? = .milliseconds(200)
  ) -> Verdict {
    guard let artefact = try? Artefact(bytes: bytes) else { return .refused }
    Reader.ask(artefact)
    if (try? artefact.check()) != nil { Reader.read(artefact.deopts) }
    var forcing = GuardForcing()
    forcing.period = 1
    let forced = try? Artefact(bytes: bytes, forcing: forcing)
    guard isRun else { return .right }
    let verdicts = [run(artefact, limit), forced.map { run($0, limit) } ?? .refused]
    return verdicts.max { $0.rawValue < $1.rawValue } ?? .refused
  }

  private func run(_ artefact: Artefact, _ limit: Duration?) -> Verdict {
    // Loops that go on for ever are ended, and are as good as a trap.
    let module = CompiledModule(artefact: artefact)
    guard let outcomes = try? Self.outcomes(module, calls, limit: limit) else { return .trapped }
    if outcomes == expected { return .right }
    let isTrap = zip(outcomes, expected).contains { outcome, expected in
      if case .trapped = outcome, outcome != expected { true } else { false }
    }
    return isTrap ? .trapped : .wrong
  }

  private static func outcomes(
    _ module: CompiledModule, _ calls: [(name: String, arguments: [Int64])], limit: Duration?
  ) throws -> [DeoptCase.Outcome] {
    let linker = Linker(try Store())
    try linker.defineFunction("env", "tick", FunctionType([], [])) { _ in }
    let instance = try linker.instantiate(module)
    var side = DeoptComparison.Side(instance: instance, store: linker.store)
    for call in calls {
      guard let function = instance.exportedFunction(call.name) else { continue }
      let arguments: [Value] = zip(call.arguments, function.type.parameters).map {
        $1 == .i32 ? .i32(Int32(truncatingIfNeeded: $0)) : .i64($0)
      }
      if let limit {
        try linker.store.withTimeout(limit) { try side.call((call.name, arguments)) }
      } else {
        try side.call((call.name, arguments))
      }
    }
    return side.outcomes
  }

  /// outer(miss, x) → run(miss, x) → hot(x), with more values live across each call than there are registers, and
  /// references among them.
  private static let spilled: String = {
    let count = 24
    let names = (0..<count).map { "$l\($0)" }
    let locals = names.map { "(local \($0) i64)" }.joined(separator: " ")
    let before = names.enumerated().map { number, name in
      "(local.set \(name) (i64.mul (i64.extend_i32_s (local.get $x)) (i64.const \(number + 3))))"
    }.joined(separator: "\n")
    let after = names.map {
      "(local.set $h (i64.xor (i64.add (local.get $h) (i64.const 77)) (local.get \($0))))"
    }.joined(separator: "\n")
    func level(_ name: String, _ index: String) -> String {
      """
      (func $\(name) (export "\(name)") (param $miss i32) (param $x i32) (result i64)
        (local $r funcref) (local $h i64) \(locals)
        (local.set $r (table.get $t (i32.const 1)))
        \(before)
        (i32.const 1) (table.get $t (i32.const 2))
        (local.set $h (call_indirect $t (type $f) (local.get $miss) (local.get $x) \(index)))
        (table.set $keep)
        (table.set $keep (i32.const 0) (local.get $r))
        \(after)
        (local.set $h (i64.add (local.get $h)
          (call_indirect $keep (type $f) (local.get $miss) (local.get $x) (i32.const 0))))
        (i64.add (local.get $h)
          (call_indirect $keep (type $f) (local.get $miss) (local.get $x) (i32.const 1))))
      """
    }
    return """
      (module
        (type $f (func (param $miss i32) (param $x i32) (result i64)))
        (table $t 5 5 funcref) (elem (table $t) (i32.const 0) func $run $hot $cold $cold $cold)
        (table $keep 2 2 funcref)
        (func $hot (export "hot") (param $miss i32) (param $x i32) (result i64)
          (i64.extend_i32_s (local.get $x)))
        (func $cold (export "cold") (param $miss i32) (param $x i32) (result i64) (i64.const -3))
        \(level("run", "(i32.add (i32.const 1) (i32.and (local.get $miss) (i32.const 1)))"))
        \(level("outer", "(local.get $miss)")))
      """
  }()
}
