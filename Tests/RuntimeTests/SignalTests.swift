import CRuntime
import Glibc
import Runtime
import Testing

/// Faults that are not wasm code's go to the handlers that were there before. Each test runs in a process of its own.
struct SignalTests {
  private static func fault() {
    // A page that nobody may touch.
    let page = mmap(nil, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    page?.storeBytes(of: 1, as: UInt8.self)
  }

  /// Wasm code traps as ever.
  private static func runWasm() {
    guard let machine = try? Machine(),
      let instance = try? machine.instantiate(StoreTests.fibonacci),
      (try? instance.trap("bad")?.code) == .outOfBoundsMemoryAccess
    else { _exit(1) }
  }

  @Test func handlerWithInformationIsCalled() async {
    await #expect(processExitsWith: .exitCode(42)) {
      var action = sigaction()
      action.__sigaction_handler.sa_sigaction = { signal, info, context in
        _exit(signal == SIGSEGV && info != nil && context != nil ? 42 : 2)
      }
      action.sa_flags = SA_SIGINFO
      sigaction(SIGSEGV, &action, nil)
      SignalTests.runWasm()
      SignalTests.fault()
      _exit(3)
    }
  }

  @Test func plainHandlerIsCalled() async {
    await #expect(processExitsWith: .exitCode(43)) {
      signal(SIGSEGV) { signal in _exit(signal == SIGSEGV ? 43 : 2) }
      SignalTests.runWasm()
      SignalTests.fault()
      _exit(3)
    }
  }

  @Test func defaultActionKills() async {
    await #expect(processExitsWith: .signal(SIGSEGV)) {
      signal(SIGSEGV, SIG_DFL)
      SignalTests.runWasm()
      SignalTests.fault()
      _exit(3)
    }
  }

  @Test func sentSignalsAreNotFaults() async {
    await #expect(processExitsWith: .exitCode(44)) {
      signal(SIGSEGV, SIG_IGN)
      SignalTests.runWasm()
      kill(getpid(), SIGSEGV)
      SignalTests.runWasm()
      _exit(44)
    }
  }
}
