import Glibc
import Runtime
import TestSupport
import Testing
import Wasm

/// What requests and timeouts mean; `InterruptionTests` has all ways of running code.
@Suite(.serialized) struct InterrupterTests {
  private static let program = """
    (module
      (import "host" "call" (func $call))
      (func (export "loop") (loop $top (br $top)))
      (func (export "call") (call $call))
      (func (export "call and loop") (call $call) (loop $top (br $top)))
      (func (export "one") (result i32) (i32.const 1)))
    """

  private func machine(_ body: @escaping (Machine) throws -> Void = { _ in }) throws -> (
    Machine, Instance
  ) {
    let machine = try Machine()
    try machine.linker.defineFunction("host", "call", FunctionType([], [])) {
      [unowned machine] _ in try body(machine)
    }
    return (machine, try machine.instantiate(Self.program))
  }

  @Test func requestsWaitForTheNextCall() throws {
    let (machine, instance) = try machine()
    defer { withExtendedLifetime(machine) {} }
    let interrupter = machine.store.interrupter
    #expect(!interrupter.isRequested)
    interrupter.interrupt()
    interrupter.interrupt()
    #expect(interrupter.isRequested)
    let trap = try instance.trap("one")
    #expect(trap?.code == .interrupted)
    #expect(trap?.frames.isEmpty == true)
    #expect(!interrupter.isRequested)
    #expect(try instance.call("one") == [.i32(1)])
    interrupter.interrupt()
    interrupter.clear()
    #expect(try instance.call("one") == [.i32(1)])
  }

  @Test func hostFunctionsInterruptTheirCallers() throws {
    let (machine, instance) = try machine { $0.store.interrupter.interrupt() }
    defer { withExtendedLifetime(machine) {} }
    let trap = try #require(try instance.trap("call"))
    #expect(trap.code == .interrupted)
    #expect(trap.frames.map(\.name) == ["call"])
    #expect(try instance.call("one") == [.i32(1)])
  }

  @Test func trapsOfHostFunctionsHaveTheirCallersFrames() throws {
    let (machine, instance) = try machine { _ in throw Trap(.unreachable) }
    defer { withExtendedLifetime(machine) {} }
    let trap = try #require(try instance.trap("call"))
    #expect(trap.code == .unreachable)
    #expect(trap.frames.map(\.name) == ["call"])
  }

  /// A host function that goes on after the call it made was interrupted: the request has not ended the outermost call yet.
  @Test func outermostCallCounts() throws {
    var box: Instance?
    var inner: Trap?
    let (machine, instance) = try machine { machine in
      machine.store.interrupter.interrupt()
      inner = try box?.trap("loop")
      #expect(machine.store.interrupter.isRequested)
    }
    defer { withExtendedLifetime(machine) {} }
    box = instance
    #expect(try instance.trap("call and loop")?.code == .interrupted)
    #expect(inner?.code == .interrupted)
    #expect(!machine.store.interrupter.isRequested)
    box = nil
  }

  @Test func timeouts() throws {
    let (machine, instance) = try machine()
    defer { withExtendedLifetime(machine) {} }
    let store = machine.store
    let value = try store.withTimeout(.seconds(3600)) { try instance.call("one") }
    #expect(value == [.i32(1)])
    let trap = try store.withTimeout(.milliseconds(5)) { try instance.trap("loop") }
    #expect(trap?.code == .interrupted)
    // All that is called late, and nothing afterwards.
    try store.withTimeout(.zero) { () throws in
      #expect(waitUntil { store.interrupter.isRequested })
      #expect(try instance.trap("one")?.code == .interrupted)
      #expect(try instance.trap("loop")?.code == .interrupted)
    }
    #expect(try instance.call("one") == [.i32(1)])
    let negative = try store.withTimeout(.seconds(-1)) { try instance.trap("loop") }
    #expect(negative?.code == .interrupted)
    let endless = try store.withTimeout(.seconds(Int64.max)) { try instance.call("one") }
    #expect(endless == [.i32(1)])
  }

  /// A server sets one for each request.
  @Test func timeoutsAreCheap() throws {
    let (machine, instance) = try machine()
    defer { withExtendedLifetime(machine) {} }
    let time = try ProcessorTime.measure {
      for _ in 0..<10_000 {
        let value = try machine.store.withTimeout(.seconds(3600)) { try instance.call("one") }
        #expect(value == [.i32(1)])
      }
    }
    print("a call with a timeout: \(time / 10_000)")
    #expect(time / 10_000 < .microseconds(50))
  }

  @Test func timeoutsWithinTimeouts() throws {
    let (machine, instance) = try machine()
    defer { withExtendedLifetime(machine) {} }
    let store = machine.store
    // The inner one passes: the outer call can go on.
    try store.withTimeout(.seconds(3600)) { () throws in
      let trap = try store.withTimeout(.milliseconds(3)) { try instance.trap("loop") }
      #expect(trap?.code == .interrupted)
      #expect(try instance.call("one") == [.i32(1)])
    }
    // The outer one passes first.
    try store.withTimeout(.milliseconds(3)) { () throws in
      let trap = try store.withTimeout(.seconds(3600)) { try instance.trap("loop") }
      #expect(trap?.code == .interrupted)
      #expect(waitUntil { store.interrupter.isRequested })
      #expect(try instance.trap("one")?.code == .interrupted)
    }
    #expect(try instance.call("one") == [.i32(1)])
  }

  @Test func outlivesItsStore() throws {
    var interrupter: Interrupter?
    do {
      let (machine, _) = try machine()
      interrupter = machine.store.interrupter
    }
    interrupter?.interrupt()
    #expect(interrupter?.isRequested == true)
    // The watching thread has looked at it, too, when it has seen a later deadline pass.
    let (machine, instance) = try machine()
    defer { withExtendedLifetime(machine) {} }
    for _ in 0..<5 {
      let trap = try machine.store.withTimeout(.milliseconds(1)) { try instance.trap("loop") }
      #expect(trap?.code == .interrupted)
    }
    interrupter = nil
  }

  /// A host's own handler of the signal gets what is sent to it, and no more.
  @Test func signalsOfTheHostAreItsOwn() async {
    await #expect(processExitsWith: .exitCode(45)) {
      signal(SIGURG) { _ in InterrupterTests.seen += 1 }
      guard let machine = try? Machine(),
        (try? machine.linker.defineFunction("host", "call", FunctionType([], [])) { _ in }) != nil,
        let instance = try? machine.instantiate(InterrupterTests.program)
      else { _exit(1) }
      for _ in 0..<20 {
        let trap = try? machine.store.withTimeout(.milliseconds(1)) { try instance.trap("loop") }
        guard trap?.code == .interrupted else { _exit(2) }
      }
      guard InterrupterTests.seen == 0 else { _exit(3) }
      // Threads of tests block it.
      var urgent = sigset_t()
      sigemptyset(&urgent)
      sigaddset(&urgent, SIGURG)
      pthread_sigmask(SIG_UNBLOCK, &urgent, nil)
      raise(SIGURG)
      guard InterrupterTests.seen == 1 else { _exit(4) }
      _exit(45)
    }
    await #expect(processExitsWith: .exitCode(46)) {
      guard let machine = try? Machine(),
        (try? machine.linker.defineFunction("host", "call", FunctionType([], [])) { _ in }) != nil,
        let instance = try? machine.instantiate(InterrupterTests.program)
      else { _exit(1) }
      raise(SIGURG)  // ignored by default
      let trap = try? machine.store.withTimeout(.milliseconds(1)) { try instance.trap("loop") }
      _exit(trap?.code == .interrupted ? 46 : 2)
    }
  }
  nonisolated(unsafe) private static var seen = 0
}
