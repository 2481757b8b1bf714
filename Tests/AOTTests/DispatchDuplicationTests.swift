import AOT
import Feedback
import Runtime
import Speculation
import Synchronization
import TestSupport
import Testing
import Wasm
import WasmText

/// Interpreters whose handlers get a dispatch of their own: what they compute, and the state behind each trap, on every tier.
@Suite struct DispatchDuplicationTests {
  /// How the next handler is found, and how the loop is shaped.
  enum Form: String, CaseIterable {
    /// A switch over the instruction; the loop's test is in its head.
    case branchTable
    /// Handlers in a table; the loop's test is at its end.
    case callIndirect
    /// As `branchTable`, with a load and a store in the head, either of which may trap.
    case storesInHead
  }

  /// Loads, stores, arithmetic, jumps, and a division that may trap. `$a` is the accumulator, `$pc` an address.
  private static let handlers = [
    "(global.set $a (i32.add (global.get $a) (i32.const 77)))",
    "(global.set $a (i32.xor (global.get $a) (i32.shl (global.get $a) (i32.const 5))))",
    "(global.set $a (i32.rotl (global.get $a) (i32.const 9)))",
    "(i32.store (i32.and (global.get $a) (i32.const 0xfffc)) (global.get $pc))",
    "(global.set $a (i32.load offset=4 (i32.and (global.get $a) (i32.const 0xffff))))",
    "(global.set $pc (i32.add (global.get $pc) (i32.and (global.get $a) (i32.const 3))))",
    "(global.set $a (i32.div_u (global.get $a) (i32.and (global.get $a) (i32.const 0x3ff))))",
    "(if (i32.and (global.get $a) (i32.const 4)) (then (global.set $pc (i32.const 0x8000))))",
  ]

  /// - Parameter seed: of the interpreted program, which fills the memory from 0x8000 to 0xc000.
  static func text(_ form: Form, seed: UInt64) -> String {
    var random = TestRandom(seed: seed)
    let code = (0..<0x4000).map { _ in
      "\\" + ["00", "01", "02", "03", "04", "05", "06", "07"].randomElement(using: &random)!
    }.joined()
    let fetch = "(i32.load8_u (global.get $pc))"
    let head = """
      (global.set $left (i32.sub (global.get $left) (i32.const 1)))
      \(form == .storesInHead
        ? "(i32.store offset=0x4000 (global.get $pc) (i32.load offset=3 (i32.sub (global.get $pc) (i32.const 0x8000))))"
        : "")
      (local.set $op \(fetch))
      (global.set $pc (i32.add (global.get $pc) (i32.const 1)))
      """
    let labels = (0..<handlers.count).map { "$h\($0)" }
    let arms = handlers.enumerated().map { number, body in
      ") \(body) (br $next)\n"
    }.joined()
    let dispatch =
      form == .callIndirect
      ? "(call_indirect (type $handler) (local.get $op)) (br_if $next (global.get $left))"
      : """
      (br_if $done (i32.eqz (global.get $left)))
      \(labels.reversed().map { "(block \($0) " }.joined())
      (br_table \(labels.joined(separator: " ")) $done (local.get $op))
      \(arms)
      """
    let functions =
      form == .callIndirect
      ? handlers.enumerated().map { "(func $f\($0) (type $handler) \($1))" }
        .joined(separator: "\n") : ""
    let elements = form == .callIndirect ? handlers.indices.map { "$f\($0)" } : []
    return """
      (module
        (type $handler (func))
        (memory (export "memory") 1)
        (table 10 10 funcref)
        (elem (i32.const 0) func \(elements.joined(separator: " ")))
        (global $a (export "a") (mut i32) (i32.const 0))
        (global $pc (export "pc") (mut i32) (i32.const 0))
        (global $left (export "left") (mut i32) (i32.const 0))
        (data (i32.const 0x8000) "\(code)")
        (func $execute (local $op i32)
          (block $done
            (loop $next
              \(head)
              \(dispatch))))
        (func (export "run") (param $seed i32)
          (global.set $a (i32.mul (local.get $seed) (i32.const 0x9e3779b1)))
          (global.set $pc (i32.const 0x8000))
          (global.set $left (i32.const 700))
          (call $execute))
        (func (export "again") (param $seed i32)
          (global.set $a (local.get $seed))
          (global.set $pc (i32.const 0x9000))
          (global.set $left (i32.const 2000))
          (call $execute))
        (func (export "atTheEnd")
          (global.set $pc (i32.const 0xbf80))
          (global.set $left (i32.const 100000))
          (call $execute))
        \(functions))
      """
  }

  @Test(arguments: Form.allCases, [1, 2, 3, 4] as [UInt64])
  func allTiersAgree(_ form: Form, seed: UInt64) throws {
    let module = try Module(validating: assemble(Self.text(form, seed: seed)))
    let tiers = try TierTranscripts(module)
    for divergence in tiers.divergences {
      #expect(divergence.transcript.lines == tiers.baseline.lines, "\(divergence.tier)")
      #expect(divergence.transcript.backtraces == tiers.baseline.backtraces, "\(divergence.tier)")
    }
    #expect(tiers.divergences.isEmpty)
    #expect(!tiers.baseline.backtraces.isEmpty)
  }

  /// That there was something to compare: the pass makes a dispatch for each hot handler.
  @Test(arguments: Form.allCases)
  func handlersGetTheirOwn(_ form: Form) throws {
    let module = try Module(validating: assemble(Self.text(form, seed: 1)))
    let store = try Store()
    let instance = try Linker(store).instantiate(CompiledModule(recorder: Recorder(module)))
    let run = try #require(instance.exportedFunction("run"))
    for seed in 0..<200 as Range<Int32> { _ = try? run.call([.i32(seed)]) }
    let profile = try #require(try instance.recordedProfile).match(module)
    let text = Mutex("")
    var options = CompilerOptions()
    options.usesProcesses = false
    options.isVerifying = true
    options.dump = DumpOptions(stages: [.dispatchDuplication])
    options.dump.write = { part in text.withLock { $0 += part } }
    _ = try Compiler.compile(
      module, plan: Planner.plan(module: module, profile: profile, options: .thorough),
      profile: profile, options: options)
    let switches = text.withLock { $0 }.split(separator: "\n").count {
      $0.hasPrefix("+") && $0.contains(" switch ")
    }
    #expect(switches >= 4)
  }
}
