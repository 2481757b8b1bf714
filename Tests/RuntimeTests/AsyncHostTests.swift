import Dispatch
import Runtime
import Testing

/// A host that uses Swift's tasks, as the article "Host functions, threads and async hosts" describes it.
@Suite struct AsyncHostTests {
  private static let text = """
    (module
      (import "env" "fetch" (func $fetch (param i32) (result i32)))
      (func (export "run") (param $n i32) (result i32) (local $sum i32)
        (loop $again
          (local.set $sum (i32.add (local.get $sum) (call $fetch (local.get $n))))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br_if $again (local.get $n)))
        (local.get $sum))
      (func (export "loop") (param i32) (result i32) (loop $again (br $again)) (unreachable)))
    """

  /// More plugins than processors, all of which wait for tasks at the same time.
  @Test func waitingHostFunctions() async throws {
    let module = try Machine.compile(Self.text)
    let sums = try await withThrowingTaskGroup(of: Int32.self) { group in
      for number in 1...16 as ClosedRange<Int32> {
        group.addTask { try await Plugin(module).run("run", number) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    // n numbers, and one more than each.
    #expect(sums.sorted() == (1...16).map { $0 * ($0 + 1) / 2 + $0 })
  }

  @Test func cancellation() async throws {
    let plugin = try Plugin(Machine.compile(Self.text))
    let task = Task { try await plugin.run("loop", 0) }
    // Once the plugin's thread is busy, so that it is not the task that is cancelled before its call.
    while await !plugin.isBusy.value { await Task.yield() }
    task.cancel()
    let trap = await #expect(throws: Trap.self) { try await task.value }
    #expect(trap?.code == .interrupted)
    #expect(try await plugin.run("run", 1) == 2)
  }
}

private final class QueueExecutor: SerialExecutor {
  private let queue = DispatchQueue(label: "plugin")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}

private actor Plugin {
  /// Whether a call is under way, for other threads to see.
  actor Flag {
    private(set) var value = false
    func set() { value = true }
  }

  nonisolated let isBusy = Flag()
  private let executor = QueueExecutor()
  private let instance: Instance
  private let interrupter: Interrupter

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(_ module: CompiledModule) throws {
    let store = try Store()
    interrupter = store.interrupter
    let linker = Linker(store)
    try linker.defineFunction("env", "fetch") { (key: Int32) -> Int32 in
      blocking { await fetch(key) }
    }
    instance = try linker.instantiate(module)
  }

  private func call(_ name: String, _ argument: Int32) throws -> Int32 {
    guard case .i32(let result)? = try instance.call(name, .i32(argument)).first else { return 0 }
    return result
  }

  func run(_ name: String, _ argument: Int32) async throws -> Int32 {
    let interrupter = interrupter
    return try await withTaskCancellationHandler {
      try Task.checkCancellation()
      await isBusy.set()
      return try call(name, argument)
    } onCancel: {
      interrupter.interrupt()
    }
  }
}

private func fetch(_ key: Int32) async -> Int32 {
  await Task.yield()
  return key + 1
}

private func blocking<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) -> Result {
  let done = DispatchSemaphore(value: 0)
  // Written before the signal, read after it.
  nonisolated(unsafe) var result: Result?
  Task {
    result = await body()
    done.signal()
  }
  done.wait()
  return result!
}
