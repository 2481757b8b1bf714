import Dispatch
import Feedback
import Foundation
import Runtime
import TestSupport
import Testing
import Wasm
import WasmText

/// Profiles of modules that several instances, stores and threads run.
@Suite struct RecorderTests {
  /// Calls `$a` or `$b`, by the argument's lowest bit, as often as it says.
  private static let text = """
    (module
      (type $f (func (param i32) (result i32)))
      (table funcref (elem $a $b))
      (func $a (type $f) (local.get 0))
      (func $b (type $f) (i32.add (local.get 0) (i32.const 1)))
      (func (export "run") (param $n i32) (local $i i32)
        (loop $again
          (drop (call_indirect (type $f) (local.get $i) (i32.and (local.get $n) (i32.const 1))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $i) (local.get $n)))))
      (func (export "trap") unreachable))
    """

  private let module: Module
  init() throws { module = try Module(validating: assemble(Self.text)) }

  private func instance(_ recorder: Recorder, in store: Store) throws -> Instance {
    try Linker(store).instantiate(CompiledModule(recorder: recorder))
  }

  /// Calls of each target at the site, by function, of `$a` and `$b`.
  private func calls(_ profile: ProfileFile) throws -> [UInt64] {
    let site = profile.match(module).functions[2]?.callSites.values.first
    return [0, 1].map { function in
      site?.targets.first { $0.function == function }?.count ?? 0
    }
  }

  @Test func nothingIsRecordedByDefault() throws {
    #expect(CompiledModule(module).recorder == nil)
    #expect(try Recorder(module).profile().functions.values.allSatisfy { $0.entryCount == 0 })
  }

  /// Two instances of a store count in one block, the second from other targets on; a second store in another.
  @Test func instancesAndStoresAreAddedUp() throws {
    let recorder = Recorder(module)
    let (first, second) = (try Store(), try Store())
    let instances = [
      try instance(recorder, in: first), try instance(recorder, in: first),
      try instance(recorder, in: second),
    ]
    #expect(instances[0].counters == instances[1].counters)
    #expect(instances[0].counters != instances[2].counters)
    for (instance, count) in zip(instances, [3, 4, 6] as [Int32]) {
      _ = try instance.call("run", .i32(count))
    }
    var profile = try recorder.profile()
    #expect(try calls(profile) == [10, 3])
    #expect(profile.runCount == 1)
    _ = try instances[1].call("run", .i32(5))
    profile = try recorder.profile()
    #expect(try calls(profile) == [10, 8])
    withExtendedLifetime((first, second)) {}
  }

  /// Stores on several threads, several after one another on each: nothing is lost.
  @Test func threadsAreAddedUp() throws {
    let recorder = Recorder(module)
    let compiled = CompiledModule(recorder: recorder)
    let counts: [Int32] = [1001, 2000, 3001, 500]
    DispatchQueue.concurrentPerform(iterations: counts.count) { index in
      for _ in 0..<20 {
        do {
          let store = try Store()
          let instance = try Linker(store).instantiate(compiled)
          _ = try instance.call("run", .i32(counts[index]))
          withExtendedLifetime(store) {}
        } catch { Issue.record(error) }
      }
    }
    #expect(try calls(recorder.profile()) == [20 * 2500, 20 * 4002])
  }

  /// More stores than blocks: they share, and of two targets that are new at the same time none takes the other's place.
  @Test func sharedBlocks() throws {
    let recorder = Recorder(module)
    let compiled = CompiledModule(recorder: recorder)
    let machines = try (0..<Recorder.maximumBlockCount + 8).map { _ in try Machine() }
    let instances = try machines.map { try $0.linker.instantiate(compiled) }
    #expect(Set(instances.map(\.counters)).count == Recorder.maximumBlockCount)
    for (index, instance) in instances.enumerated() {
      _ = try instance.call("run", .i32(Int32(100 + index % 2)))
    }
    let half = UInt64(instances.count / 2)
    #expect(try calls(recorder.profile()) == [half * 100, half * 101])
    withExtendedLifetime(machines) {}
  }

  // MARK: Files

  private func read(_ folder: TemporaryFolder) throws -> ProfileFile {
    try ProfileFile(reading: folder.bytes("p.wasmprof"))
  }

  private func recorder(_ folder: TemporaryFolder) -> Recorder {
    Recorder(module, path: .init(folder.url("p.wasmprof").path))
  }

  /// The file is there from the first instance on, and readable at any time.
  @Test func theFileIsAlwaysReadable() throws {
    let folder = try TemporaryFolder()
    let recorder = recorder(folder)
    #expect(try folder.names == [])
    let store = try Store()
    let first = try instance(recorder, in: store)
    #expect(try calls(read(folder)) == [0, 0])
    _ = try first.call("run", .i32(7))
    #expect(try calls(read(folder)) == [0, 7])
    let other = try Store()
    let second = try instance(recorder, in: other)
    _ = try second.call("run", .i32(8))
    #expect(try second.trap("trap")?.code == .unreachable)
    #expect(try calls(read(folder)) == [8, 7])
    #expect(try read(folder) == recorder.profile())
    try recorder.finish()
    #expect(try folder.bytes("p.wasmprof") == recorder.profile().encode())
    #expect(try folder.names == ["p.wasmprof"])
    // It goes on counting, for whoever asks.
    _ = try second.call("run", .i32(8))
    #expect(try calls(recorder.profile()) == [16, 7])
    #expect(try calls(read(folder)) == [8, 7])
    try recorder.finish()
    #expect(try calls(read(folder)) == [16, 7])
    withExtendedLifetime((store, other)) {}
  }

  /// When nobody needs it any more, it finishes by itself.
  @Test func theLastUserFinishes() throws {
    let folder = try TemporaryFolder()
    do {
      let store = try Store()
      let instance = try instance(recorder(folder), in: store)
      _ = try instance.call("run", .i32(2))
      withExtendedLifetime(store) {}
    }
    let bytes = try folder.bytes("p.wasmprof")
    #expect(String(decoding: bytes.prefix(8), as: UTF8.self) == "PGOPROF1")
    #expect(try calls(read(folder)) == [2, 0])
  }

  /// What is there stays, unless code of the module runs.
  @Test func failedInstantiationsReplaceNothing() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], "p.wasmprof")
    let recorder = recorder(folder)
    struct Refusal: Error {}
    let store = try Store()
    #expect(throws: Refusal.self) {
      try Linker(store).instantiate(CompiledModule(recorder: recorder)) { _ in throw Refusal() }
    }
    try recorder.finish()
    #expect(try folder.bytes("p.wasmprof") == [1])
  }

  @Test func placesThatCannotBeWritten() throws {
    let folder = try TemporaryFolder()
    for path in [folder.url("none/p").path, folder.root.path, "/dev/null"] {
      let store = try Store()
      let recorder = Recorder(module, path: .init(path))
      let compiled = CompiledModule(recorder: recorder)
      // Each time anew: the reason may be gone by then.
      for _ in 0..<2 {
        let error = #expect(throws: ProfileError.self) {
          try Linker(store).instantiate(compiled)
        }
        #expect(error?.kind == .system)
      }
      try recorder.finish()
    }
    #expect(try folder.names == [])
  }
}
