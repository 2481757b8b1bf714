// Deopts by the million in one process: what one costs, and that neither stack nor memory grow.
// Usage: wasm-pgo-deopt-bench [deopts, default 10000000] [--machine: one line of JSON]
import AOT
import Contract
import Glibc
import Runtime
import Speculation
import TestSupport
import Wasm
import WasmText

/// `run(n)` calls `step` n times through the table; `step` misses each time. Three bodies are inlined into each other,
/// so that a deopt makes three baseline frames; values of all types live in registers, on the stack and as constants.
let program = """
  (module
    (type $f (func (param i32 f64) (result f64)))
    (table 4 4 funcref) (elem (i32.const 0) $hot $cold)
    (func $hot (export "hot") (type $f) (f64.add (local.get 1) (f64.const 1)))
    (func $cold (export "cold") (type $f) (f64.sub (local.get 1) (f64.const 1)))
    (func $inner (export "inner") (param $x i32) (param $d f64) (result f64) (local $l i64)
      (local.set $l (i64.extend_i32_s (local.get $x)))
      (f64.mul (f64.convert_i64_s (local.get $l))
        (call_indirect (type $f) (local.get $x) (local.get $d) (i32.and (local.get $x) (i32.const 1)))))
    (func $middle (export "middle") (param $x i32) (param $d f64) (result f64) (local $k i32)
      (local.set $k (i32.const 12))
      (f64.add (call $inner (local.get $x) (f64.add (local.get $d) (f64.const 0.5)))
        (f64.convert_i32_s (i32.add (local.get $k) (local.get $x)))))
    (func $step (export "step") (param $x i32) (param $d f64) (result f64)
      (f64.sub (call $middle (local.get $x) (local.get $d)) (local.get $d)))
    (func (export "run") (param $n i32) (param $x i32) (result f64) (local $sum f64)
      (loop $top
        (local.set $sum (f64.add (local.get $sum) (call $step (local.get $x) (f64.const 3.25))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $top (local.get $n)))
      (local.get $sum)))
  """

/// Bytes of memory that the process has resident.
func residentBytes() -> Int {
  guard let file = fopen("/proc/self/statm", "r") else { return 0 }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 256)
  guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
  let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  let fields = text.split(separator: " ")
  return fields.count > 1 ? (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
}

func fail(_ message: String) -> Never {
  print(message)
  exit(1)
}

let arguments = CommandLine.arguments.dropFirst()
let isMachine = arguments.contains("--machine")
let total = arguments.compactMap { Int($0) }.first ?? 10_000_000
let rounds = 20
let perRound = max(1, total / rounds)

let module = try Module(validating: assemble(program))
guard let inner = module.function(exported: "inner"), let hot = module.function(exported: "hot"),
  let step = module.function(exported: "step")
else { fail("exports are missing") }
var options = TestPlan(targets: [try module.offsets(of: .callIndirect, function: inner)[0]: [hot]])
// `run` calls step's code each time, so that each call can deopt.
options.speculative = [step]
var plan = try options.plan(module)
for index in plan.functions.indices where plan.functions[index].function != step {
  plan.functions[index].generic.nodes = [
    .init(
      function: plan.functions[index].function, parent: nil, callOffset: 0, relativeFrequency: 1)
  ]
}
let artefact = CompiledModule(
  artefact: try Artefact(bytes: try Compiler.compile(module, plan: plan)))

// One call makes half a million deopts (of ten million in all). If one left a single byte on this stack, which is the
// smallest there is, the call would exhaust it; the host's stack, 8 MiB, would be next.
var limits = Store.Limits()
limits.stackSize = 64 << 10
let store = try Store(limits: limits)
let instance = try Linker(store).instantiate(artefact)
instance.deoptBudget = nil
guard let run = instance.exportedFunction("run") else { fail("no run") }

/// Nanoseconds of processor time for a turn of `run`.
func measure(_ count: Int, miss: Bool) throws -> Double {
  let time = try ProcessorTime.measure {
    _ = try run.call([.i32(Int32(truncatingIfNeeded: count)), .i32(miss ? 7 : 6)])
  }
  return time.inSeconds * 1e9 / Double(count)
}

_ = try measure(1000, miss: true)
let without = try measure(perRound, miss: false)
let before = residentBytes()
var times: [Double] = []
var resident: [Int] = []
for _ in 0..<rounds {
  times.append(try measure(perRound, miss: true))
  resident.append(residentBytes())
}
let deopts = instance.deoptStatistics?.deopts ?? 0
guard deopts == UInt64(1000 + rounds * perRound) else {
  fail("\(deopts) deopts happened, not \(1000 + rounds * perRound)")
}
times.sort()
let median = times[rounds / 2]
let growth = (resident.last ?? 0) - before
func text(_ value: Double) -> String { String(Double(Int(value * 10)) / 10) }
if isMachine {
  print(
    "{\"deopts\": \(deopts), \"ns\": \(text(median)), \"fastest_ns\": \(text(times[0])), "
      + "\"call_ns\": \(text(without)), \"rss_growth\": \(growth)}")
} else {
  print("\(deopts) deopts, each into three baseline frames, until they return:")
  print("  \(text(median)) ns median, \(text(times[0])) ns fastest of \(rounds) rounds")
  print("  \(text(without)) ns for the same call without a deopt")
  print("  stack: \(limits.stackSize / 1024) KiB were enough")
  print("  resident memory: \(before / 1024) KiB before, \(growth / 1024) KiB more after")
}
if growth > 1 << 20 { fail("memory grows") }
if times[0] > 2000 { fail("a deopt costs more than 2 µs") }
