import CRuntime
import Glibc
import Runtime
import TestSupport
import Testing
import Wasm

/// The handlers and their host: rates, masks and flags of signals, and handlers of the host's own, installed before and after.
/// Each test runs in a process of its own.
struct SignalRateTests {
  private static let program = """
    (module (memory 1)
      (func (export "spin") (loop $top (br $top)))
      (func (export "bad") (drop (i32.load (i32.const 65536)))))
    """

  private static func instance(_ machine: Machine) -> Instance {
    guard let instance = try? machine.instantiate(program) else { _exit(1) }
    return instance
  }

  /// What this thread blocks; those of tests block nearly everything.
  private static func block(_ signals: [Int32]) {
    var mask = sigset_t()
    sigemptyset(&mask)
    for number in signals { sigaddset(&mask, number) }
    pthread_sigmask(SIG_SETMASK, &mask, nil)
  }

  // MARK: Rates

  /// However many ask, and however fast: each call ends by it, and the process lives.
  @Test func requestsAtAnyRate() async {
    await #expect(processExitsWith: .exitCode(40)) {
      guard let machine = try? Machine() else { _exit(1) }
      let instance = SignalRateTests.instance(machine)
      let interrupter = machine.store.interrupter
      let storm = (0..<4).map { _ in RepeatingThread { interrupter.interrupt() } }
      for _ in 0..<1_000 {
        guard (try? instance.trap("spin")?.code) == .interrupted else { _exit(2) }
      }
      for thread in storm { thread.stop() }
      _exit(40)
    }
  }

  /// Nothing nests on the signal stack: while one of our handlers runs, every signal waits.
  @Test func handlersDoNotNest() async {
    await #expect(processExitsWith: .exitCode(41)) {
      guard (try? Machine()) != nil else { _exit(1) }
      for number in [SIGURG, SIGSEGV, SIGBUS, SIGFPE, SIGILL] {
        var action = sigaction()
        sigaction(number, nil, &action)
        guard action.sa_flags & SA_NODEFER == 0, action.sa_flags & SA_ONSTACK != 0 else { _exit(2) }
        for other in [SIGURG, SIGSEGV, SIGPROF, SIGUSR1, SIGALRM] {
          guard sigismember(&action.sa_mask, other) == 1 else { _exit(3) }
        }
      }
      _exit(41)
    }
  }

  /// A host's signal stack that is too small for two signals is replaced, one that is large enough stays.
  @Test func signalStacksAreLargeEnough() async {
    await #expect(processExitsWith: .exitCode(42)) {
      func use(_ size: Int) -> Int {
        let base = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
        var own = stack_t(ss_sp: base, ss_flags: 0, ss_size: size)
        sigaltstack(&own, nil)
        SignalRateTests.onNewThread {
          var own = stack_t(ss_sp: base, ss_flags: 0, ss_size: size)
          sigaltstack(&own, nil)
          guard let machine = try? Machine(),
            (try? SignalRateTests.instance(machine).trap("bad")?.code) == .outOfBoundsMemoryAccess
          else { _exit(2) }
          var now = stack_t()
          sigaltstack(nil, &now)
          SignalRateTests.seen = now.ss_size
        }
        return SignalRateTests.seen
      }
      guard use(20 << 10) >= 32 << 10 else { _exit(3) }
      guard use(128 << 10) == 128 << 10 else { _exit(4) }
      _exit(42)
    }
  }

  nonisolated(unsafe) private static var seen = 0

  private static func onNewThread(_ body: @escaping () -> Void) {
    final class Box {
      let body: () -> Void
      init(_ body: @escaping () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().body()
        return nil
      }, Unmanaged.passRetained(Box(body)).toOpaque())
    pthread_join(thread, nil)
  }

  // MARK: The host's handlers

  /// A host may choose the signal, as long as there is no store.
  @Test func chosenSignal() async {
    await #expect(processExitsWith: .exitCode(48)) {
      SignalRateTests.block([])
      let number = __libc_current_sigrtmin() + 5
      for wrong in [SIGSEGV, SIGKILL, 0, 1000] {
        guard (try? Interrupter.useSignal(wrong)) == nil else { _exit(1) }
      }
      guard (try? Interrupter.useSignal(number)) != nil, let machine = try? Machine(),
        Interrupter.signal == number, (try? Interrupter.useSignal(number)) != nil,
        (try? Interrupter.useSignal(SIGURG)) == nil
      else { _exit(2) }
      // What the host does with the others is its own business.
      signal(SIGURG) { _ in SignalRateTests.seen += 1 }
      let instance = SignalRateTests.instance(machine)
      for _ in 0..<3 {
        let trap = try? machine.store.withTimeout(.milliseconds(1)) { try instance.trap("spin") }
        guard trap?.code == .interrupted else { _exit(3) }
      }
      guard SignalRateTests.seen == 0 else { _exit(4) }
      raise(SIGURG)
      guard SignalRateTests.seen == 1 else { _exit(5) }
      _exit(48)
    }
  }

  /// System calls of a host whose handler restarts them go on (Go installs its own so), and timeouts still work.
  @Test func restartingHandlersOfTheHostStaySo() async {
    await #expect(processExitsWith: .exitCode(43)) {
      SignalRateTests.block([])
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in SignalRateTests.seen += 1 }
      action.sa_flags = SA_RESTART | SA_ONSTACK
      sigaction(SIGURG, &action, nil)
      guard let machine = try? Machine() else { _exit(1) }
      let instance = SignalRateTests.instance(machine)
      for _ in 0..<3 {
        let trap = try? machine.store.withTimeout(.milliseconds(1)) { try instance.trap("spin") }
        guard trap?.code == .interrupted else { _exit(2) }
      }
      guard SignalRateTests.seen == 0 else { _exit(3) }
      var ends: [Int32] = [0, 0]
      pipe(&ends)
      SignalRateTests.reader = pthread_self()
      SignalRateTests.end = ends[1]
      var thread = pthread_t()
      pthread_create(
        &thread, nil,
        { _ in
          usleep(50_000)
          pthread_kill(SignalRateTests.reader, SIGURG)
          usleep(50_000)
          var byte: UInt8 = 1
          write(SignalRateTests.end, &byte, 1)
          return nil
        }, nil)
      var byte: UInt8 = 0
      guard read(ends[0], &byte, 1) == 1 else { _exit(4) }
      guard SignalRateTests.seen == 1 else { _exit(5) }
      _exit(43)
    }
  }

  /// A host that handles every signal, as Go does, gets those of its own of each.
  @Test func hostsThatHandleAllSignals() async {
    await #expect(processExitsWith: .exitCode(49)) {
      SignalRateTests.block([])
      let real = Array(__libc_current_sigrtmin()...__libc_current_sigrtmax())
      for number in [SIGURG] + real { signal(number) { _ in SignalRateTests.seen += 1 } }
      guard let machine = try? Machine(), real.contains(Interrupter.signal) else { _exit(1) }
      let instance = SignalRateTests.instance(machine)
      for _ in 0..<3 {
        let trap = try? machine.store.withTimeout(.milliseconds(1)) { try instance.trap("spin") }
        guard trap?.code == .interrupted else { _exit(2) }
      }
      guard SignalRateTests.seen == 0 else { _exit(3) }
      for number in [SIGURG] + real { raise(number) }
      guard SignalRateTests.seen == 1 + real.count else { _exit(4) }
      _exit(49)
    }
  }

  nonisolated(unsafe) private static var reader = pthread_t()
  nonisolated(unsafe) private static var end: Int32 = 0

  /// The host's handler of a fault runs with the mask that it asked for, and no other signal blocked.
  @Test(arguments: [true, false])
  func chainedHandlersHaveTheirOwnMask(defers: Bool) async {
    // Arguments do not reach the other process.
    if defers {
      await #expect(processExitsWith: .exitCode(44)) { SignalRateTests.checkMask(flags: 0, 44) }
    } else {
      await #expect(processExitsWith: .exitCode(45)) {
        SignalRateTests.checkMask(flags: SA_NODEFER, 45)
      }
    }
  }

  private static func checkMask(flags: Int32, _ status: Int32) {
    var action = sigaction()
    action.__sigaction_handler.sa_sigaction = { _, _, _ in
      var mask = sigset_t()
      pthread_sigmask(SIG_BLOCK, nil, &mask)
      SignalRateTests.seen = 1
      for number in [SIGUSR1, SIGUSR2, SIGSEGV, SIGURG, SIGPROF, SIGALRM]
      where sigismember(&mask, number) == 1 {
        SignalRateTests.seen |= 1 << Int(number)
      }
    }
    action.sa_flags = flags | SA_SIGINFO
    sigaddset(&action.sa_mask, SIGUSR1)
    sigaction(SIGSEGV, &action, nil)
    guard (try? Machine()) != nil else { _exit(1) }
    block([SIGALRM])
    raise(SIGSEGV)
    var expected = 1 | 1 << Int(SIGUSR1) | 1 << Int(SIGALRM)
    if flags & SA_NODEFER == 0 { expected |= 1 << Int(SIGSEGV) }
    guard seen == expected else { _exit(2) }
    // The thread's own mask is what it was.
    var after = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &after)
    guard sigismember(&after, SIGSEGV) == 0, sigismember(&after, SIGALRM) == 1,
      sigismember(&after, SIGUSR1) == 0
    else { _exit(3) }
    _exit(status)
  }

  /// A handler that was installed after ours and passes on what is not its own.
  @Test func laterHandlersThatPassOn() async {
    await #expect(processExitsWith: .exitCode(46)) {
      guard let machine = try? Machine() else { _exit(1) }
      let instance = SignalRateTests.instance(machine)
      for number in [SIGSEGV, SIGURG] {
        var action = sigaction()
        action.__sigaction_handler.sa_sigaction = { number, info, context in
          SignalRateTests.seen += 1
          let before = number == SIGSEGV ? SignalRateTests.fault : SignalRateTests.urgent
          before.__sigaction_handler.sa_sigaction(number, info, context)
        }
        action.sa_flags = SA_SIGINFO | SA_ONSTACK
        if number == SIGSEGV {
          sigaction(number, &action, &SignalRateTests.fault)
        } else {
          sigaction(number, &action, &SignalRateTests.urgent)
        }
      }
      guard (try? instance.trap("bad")?.code) == .outOfBoundsMemoryAccess,
        SignalRateTests.seen == 1
      else { _exit(2) }
      // On a busy machine the time may be over before the call begins: then no signal is needed.
      repeat {
        let trap = try? machine.store.withTimeout(.milliseconds(1)) { try instance.trap("spin") }
        guard trap?.code == .interrupted else { _exit(3) }
      } while SignalRateTests.seen == 1
      _exit(46)
    }
  }

  nonisolated(unsafe) private static var fault = sigaction()
  nonisolated(unsafe) private static var urgent = sigaction()

  /// The watching thread blocks what a host may wait for by itself, and nothing that debuggers and crash reports send it.
  @Test func watchingThreadBlocksWhatItMust() async {
    await #expect(processExitsWith: .exitCode(47)) {
      SignalRateTests.block([__libc_current_sigrtmin() + 3])
      guard let machine = try? Machine() else { _exit(1) }
      let instance = SignalRateTests.instance(machine)
      _ = try? machine.store.withTimeout(.milliseconds(1)) { try instance.trap("spin") }
      // A thread that begins blocks all signals, and on a busy machine the time is over before it has begun.
      var mask: UInt64 = 0
      for _ in 0..<60_000 where mask == 0 || mask & 1 << UInt64(SIGPROF - 1) != 0 {
        usleep(1000)
        mask = SignalRateTests.blockedSignals(ofThread: "wasm-pgo watch")
      }
      func isBlocked(_ number: Int32) -> Bool { mask & (1 << UInt64(number - 1)) != 0 }
      for number in [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD, SIGALRM, SIGURG] {
        guard isBlocked(number) else { _exit(2) }
      }
      // By SIGPROF, Swift's crash reports suspend threads.
      for number in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGPROF] {
        guard !isBlocked(number) else { _exit(3) }
      }
      // Of real-time signals, those that its maker blocks.
      guard !isBlocked(__libc_current_sigrtmin() + 2), isBlocked(__libc_current_sigrtmin() + 3)
      else { _exit(4) }
      _exit(47)
    }
  }

  /// A bit a signal, from 1 on; all zeros if there is no such thread.
  private static func blockedSignals(ofThread name: String) -> UInt64 {
    guard let directory = opendir("/proc/self/task") else { return 0 }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let id = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard let file = fopen("/proc/self/task/\(id)/status", "r") else { continue }
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 512)
      var isIt = false
      while fgets(&line, Int32(line.count), file) != nil {
        let text = String(
          decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let fields = text.split(whereSeparator: \.isWhitespace)
        if text.hasPrefix("Name:") { isIt = text.contains(name) }
        if isIt, text.hasPrefix("SigBlk:") { return UInt64(fields[1], radix: 16) ?? 0 }
      }
    }
    return 0
  }
}
