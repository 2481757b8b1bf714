import Contract
import Glibc
import Runtime
import Synchronization
import TestSupport
import Testing
import Wasm
import WasmText

/// Interrupting wasm code that runs in any way: on each tier, in loops without calls, in recursion, in deopts, in host calls.
@Suite(.serialized) struct InterruptionTests {
  /// Each function named `…forever` runs until it is interrupted; `check` computes something.
  static let program = """
    (module
      (import "host" "nothing" (func $nothing))
      (import "host" "sleep" (func $sleep))
      (type $unary (func (param i32) (result i32)))
      (memory (export "memory") 64 64)
      (data $bytes "some bytes")
      (table 4 4 funcref) (elem (i32.const 0) $hot $cold $round)
      (func $hot (export "hot") (type $unary) (i32.mul (local.get 0) (i32.const 3)))
      (func $cold (export "cold") (type $unary) (i32.add (local.get 0) (i32.const 100000)))
      ;; The loops read a byte that nothing writes, so that they have to be taken as endless.
      (func (export "loop forever")
        (loop $top (br_if $top (i32.eqz (i32.load8_u (i32.const 100))))))
      (func (export "arithmetic forever") (local $i i32) (local $x f64)
        (loop $top
          (local.set $x (f64.add (f64.mul (local.get $x) (f64.const 0.5))
            (f64.load (i32.and (local.get $i) (i32.const 0xfff8)))))
          (local.set $i (i32.add (local.get $i) (i32.const 8)))
          (f64.store (i32.const 80) (local.get $x))
          (br_if $top (i32.eqz (i32.load8_u (i32.const 100))))))
      (func $fib (export "fib") (param $n i32) (result i32)
        (if (result i32) (i32.lt_u (local.get $n) (i32.const 2)) (then (local.get $n))
          (else (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1)))
            (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
      (func (export "recursion forever")
        (loop $top (drop (call $fib (i32.const 25)))
          (br_if $top (i32.eqz (i32.load8_u (i32.const 100))))))
      (func $indirect (export "indirect") (param $x i32) (result i32)
        (call_indirect (type $unary) (local.get $x) (i32.and (local.get $x) (i32.const 1))))
      (func $deopt (export "deopt") (param $x i32) (result i32)
        (call_indirect (type $unary) (local.get $x) (i32.const 1)))
      (func (export "indirect calls forever") (local $i i32)
        (loop $top
          (drop (call_indirect (type $unary) (local.get $i) (i32.const 0)))
          (br_if $top (i32.eqz (i32.load8_u (i32.const 100))))))
      ;; Misses at once, goes on in the baseline, and leaves that for the OSR entry.
      (func (export "OSR entry forever") (local $i i32) (local $sum i32)
        (loop $top
          (local.set $sum (i32.add (local.get $sum) (call_indirect (type $unary) (local.get $i)
            (i32.eqz (local.get $i)))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (i32.store (i32.const 80) (local.get $sum))
          (br_if $top (i32.eqz (i32.load8_u (i32.const 100))))))
      (func (export "deopts forever")
        (loop $top (drop (call $deopt (i32.const 1)))
          (br_if $top (i32.eqz (i32.load8_u (i32.const 100))))))
      (func $ping (export "ping") (if (i32.load8_u (i32.const 100)) (then (return))) (return_call $pong))
      (func $pong (export "pong") (return_call $ping))
      (func (export "tail calls forever") (call $ping))
      (func $itself (export "itself")
        (if (i32.load8_u (i32.const 100)) (then (return)))
        (return_call $itself))
      (func $round (export "round") (type $unary)
        (if (i32.load8_u (i32.const 100)) (then (return (i32.const 1))))
        (return_call_indirect (type $unary) (local.get 0) (i32.const 2)))
      (func (export "indirect tail calls forever") (drop (call $round (i32.const 0))))
      (func (export "host calls forever")
        (loop $top (call $nothing) (br_if $top (i32.eqz (i32.load8_u (i32.const 100))))))
      (func (export "sleeping forever")
        (loop $top (call $sleep) (br_if $top (i32.eqz (i32.load8_u (i32.const 100))))))
      (func (export "fill forever")
        (loop $top (memory.fill (i32.const 4096) (i32.const 0) (i32.const 0x3f0000))
          (br_if $top (i32.eqz (i32.load8_u (i32.const 100))))))
      (func (export "copy forever")
        (loop $top (memory.copy (i32.const 4096) (i32.const 4100) (i32.const 0x3f0000))
          (memory.copy (i32.const 4096) (i32.const 0) (i32.const 1))
          (br_if $top (i32.eqz (i32.load8_u (i32.const 100))))))
      (func (export "segments forever")
        (loop $top (memory.init $bytes (i32.const 4096) (i32.const 0) (i32.const 10))
          (br_if $top (i32.eqz (i32.load8_u (i32.const 100))))))
      (func (export "growing forever")
        (loop $top (drop (memory.grow (i32.const 0)))
          (br_if $top (i32.eqz (i32.load8_u (i32.const 100))))))
      (func (export "check") (param $n i32) (result i32) (local $i i32) (local $sum i32)
        (loop $top
          (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31))
            (i32.add (call $indirect (local.get $i)) (call $deopt (local.get $i)))))
          (local.set $sum (i32.add (local.get $sum) (call $fib (i32.and (local.get $i) (i32.const 7)))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $top (i32.lt_u (local.get $i) (local.get $n))))
        (local.get $sum)))
    """

  /// A way to run the program, and its compiled module.
  struct Way: Sendable, CustomStringConvertible {
    let description: String
    let compiled: CompiledModule

    static let all: [Way] = {
      // swift-format-ignore: NeverUseForceTry
      let made = try! DeoptCase(
        program,
        [
          .init("indirect", 0, "hot", "cold"), .init("deopt", 0, "hot"),
          .init("indirect calls forever", 0, "hot"), .init("OSR entry forever", 0, "hot"),
        ], adjust: { $0.inlinesDirectCalls = false })
      return [
        Way(description: "baseline", compiled: made.baseline),
        Way(
          description: "recording", compiled: CompiledModule(recorder: Recorder(made.module))),
        Way(description: "ahead of time", compiled: made.artefact),
      ]
    }()
  }

  /// One instance of the program.
  final class Machine {
    let store: Store
    let instance: Instance

    init(_ way: Way) throws {
      store = try Store()
      let linker = Linker(store)
      try linker.defineFunction("host", "nothing", FunctionType([], [])) { _ in }
      try linker.defineFunction("host", "sleep", FunctionType([], [])) { [store] _ in
        while !store.interrupter.isRequested {
          // Ends when a signal comes.
          poll(nil, 0, -1)
        }
        throw Trap(.interrupted)
      }
      instance = try linker.instantiate(way.compiled)
      instance.deoptBudget = nil
    }

    func call(_ name: String, _ arguments: Value...) throws -> [Value] {
      try #require(instance.exportedFunction(name)).call(arguments)
    }

    func check(_ count: Int32) throws -> Int32 {
      guard case .i32(let sum)? = try call("check", .i32(count)).first else { return 0 }
      return sum
    }

    /// Calls what does not end by itself.
    /// - Returns: the trap that ended it.
    func trap(_ name: String) throws -> Trap {
      do {
        _ = try call(name)
      } catch let trap as Trap {
        return trap
      }
      throw NeverEnding(name: name)
    }

    struct NeverEnding: Error { let name: String }
  }

  static let endless = [
    "loop forever", "arithmetic forever", "recursion forever", "indirect calls forever",
    "OSR entry forever", "deopts forever", "tail calls forever", "itself",
    "indirect tail calls forever", "host calls forever", "sleeping forever",
    "fill forever", "copy forever", "segments forever", "growing forever",
  ]

  /// A call ends when its deadline has passed, wherever it is. Its thread gets to do hardly more than that; how late this
  /// is on the wall is up to the machine, and is printed.
  @Test(arguments: Way.all, endless)
  func latency(way: Way, name: String) throws {
    let machine = try Machine(way)
    let expected = try machine.check(100)
    let names: Set = [
      name, "hot", "cold", "indirect", "deopt", "fib", "ping", "pong", "round",
    ]
    let isOptimized = machine.instance.compiledModule.hasOptimizedCode
    var tiers: Set<Trap.Tier> = []
    var latencies: [Duration] = []
    var work: [Duration] = []
    // Where it was, and how often, shows on a busy machine too, if only later.
    func isSeen() -> Bool {
      let wanted = name == "deopts forever" ? 1000 : name == "OSR entry forever" ? 1 : 0
      return tiers.contains(isOptimized ? .optimized : .baseline)
        && (!isOptimized || machine.instance.deoptStatistics?.deopts ?? 0 >= wanted)
    }
    while latencies.count < 12 || !isSeen() && latencies.count < 1000 {
      let start = ContinuousClock.now
      var trap = Trap(.unreachable)
      work.append(
        try ProcessorTime.measure {
          trap = try machine.store.withTimeout(.milliseconds(3)) { try machine.trap(name) }
        })
      let time = ContinuousClock.now - start
      #expect(trap.code == .interrupted)
      #expect(
        trap.frames.allSatisfy { frame in frame.name.map(names.contains) ?? false }, "\(trap)")
      // Wherever it was; there is none if the time was over before it began.
      if !isOptimized { #expect(trap.frames.isEmpty || trap.frames.last?.name == name, "\(trap)") }
      if let frame = trap.frames.first(where: { $0.name == name }) { tiers.insert(frame.tier) }
      #expect(time >= .milliseconds(3))
      latencies.append(time - .milliseconds(3))
      #expect(!machine.store.interrupter.isRequested)
      #expect(try machine.check(100) == expected)
    }
    // After a deopt the endless loop has left the baseline again.
    #expect(isSeen(), "\(tiers), \(machine.instance.deoptStatistics?.deopts ?? 0) deopts")
    let (median, own) = (latencies.sorted()[latencies.count / 2], work.sorted()[work.count / 2])
    #expect(own < .milliseconds(13), "\(work)")
    print(
      "interruption, \(way), \(name): \(median) late as a median, at most \(latencies.max()!), own time \(own)"
    )
  }

  /// At random instants, so many times; after each the program gives right results.
  @Test(arguments: Way.all)
  func atRandomInstants(way: Way) throws {
    let machine = try Machine(way)
    let expected = try machine.check(300)
    let interrupter = machine.store.interrupter
    let racer = RepeatingThread {
      usleep(.random(in: 0..<200))
      interrupter.interrupt()
    }
    var (ended, finished) = (0, 0)
    // Each turn of the program deoptimizes.
    func isDone() -> Bool {
      ended >= 500 && machine.instance.deoptStatistics?.deopts ?? .max > 100_000
    }
    // If requests got lost, calls would finish for ever.
    while !isDone() && finished < 1_000_000 {
      do {
        #expect(try machine.check(300) == expected)
        finished += 1
      } catch let trap as Trap {
        #expect(trap.code == .interrupted)
        ended += 1
      }
    }
    racer.stop()
    interrupter.clear()
    for _ in 0..<10 { #expect(try machine.check(300) == expected) }
    #expect(isDone(), "\(ended) ended, \(finished) finished")
    print("interruption, \(way): \(ended) calls interrupted, \(finished) not")
  }

  /// Of two stores on two threads one is interrupted.
  @Test(arguments: Way.all)
  func otherStoresGoOn(way: Way) throws {
    let machine = try Machine(way)
    let failures = Atomic(0)
    let expected = try machine.check(300)
    let runs = Atomic(0)
    let other = RepeatingThread {
      let machine = try? Machine(way)
      for _ in 0..<100 where (try? machine?.check(300)) != expected {
        failures.add(1, ordering: .relaxed)
      }
      runs.add(1, ordering: .relaxed)
    }
    for _ in 0..<100 {
      let trap = try machine.store.withTimeout(.milliseconds(1)) {
        try machine.trap("loop forever")
      }
      #expect(trap.code == .interrupted)
    }
    #expect(waitUntil { runs.load(ordering: .relaxed) > 0 })
    other.stop()
    #expect(failures.load(ordering: .relaxed) == 0)
  }
}
