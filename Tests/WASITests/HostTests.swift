import Contract
import Feedback
import Files
import Glibc
import Runtime
import TestSupport
import Testing
import WASI
import Wasm
import WasmText

/// A host program's view: public interface only. `toolchain-docs/embedding.md` shows the same steps.
@Suite struct HostTests {
  /// Copies its input to its output, then arguments, environment, random bytes and the time; writes a file; exits with 7.
  private static func program(_ engine: Engine) -> String {
    template.replacing("wasi_snapshot_preview1", with: engine.version.rawValue)
  }

  private static let template = """
    (module
      (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
      (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (data (i32.const 16) "result")
      (func $print (param $fd i32) (param $from i32) (param $count i32)
        (i32.store (i32.const 0) (local.get $from))
        (i32.store (i32.const 4) (local.get $count))
        (if (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))
          (then unreachable)))
      (func (export "_start")
        (i32.store (i32.const 0) (i32.const 1024))
        (i32.store (i32.const 4) (i32.const 100))
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 12)))
        (call $print (i32.const 1) (i32.const 1024) (i32.load (i32.const 12)))
        (drop (call $args (i32.const 2048) (i32.const 2100)))
        (call $print (i32.const 1) (i32.const 2100) (i32.const 10))
        (drop (call $environ (i32.const 2048) (i32.const 2200)))
        (call $print (i32.const 2) (i32.const 2200) (i32.const 4))
        (drop (call $random (i32.const 2300) (i32.const 3)))
        (call $print (i32.const 1) (i32.const 2300) (i32.const 3))
        (drop (call $time (i32.const 0) (i64.const 0) (i32.const 2400)))
        (call $print (i32.const 1) (i32.const 2400) (i32.const 8))
        (if (call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 6) (i32.const 1)
          (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 24)) (then unreachable))
        (call $print (i32.load (i32.const 24)) (i32.const 16) (i32.const 6))
        (call $exit (i32.const 7)))
      (func (export "spin") (loop $top (br $top))))
    """

  @Test(arguments: Engine.allCases)
  func everythingConfigured(engine: Engine) throws {
    let folder = try Folder()
    let (output, errors) = (WASIBuffer(), WASIBuffer())
    var configuration = WASIConfiguration()
    configuration.arguments = ["name", "arg1"]
    configuration.setEnvironment("A", "b")
    configuration.addDirectory(folder.path, as: "/")
    configuration.standardInput = .bytes(Array("input ".utf8))
    configuration.standardOutput = .buffer(output)
    configuration.standardError = .buffer(errors)
    configuration.random = WASIRandom {
      $0.copyBytes(from: [1, 2, 3]); return true
    }
    configuration.clock = WASIClock(time: { _ in 0x0807_0605_0403_0201 }, resolution: { _ in 1 })

    let store = try Store()
    let linker = Linker(store)
    let wasi = try WASI(configuration)
    try wasi.define(in: linker)
    let instance = try linker.instantiate(
      engine.compile(Self.program(engine)), beforeStart: { try wasi.bind($0) })
    let start = try #require(instance.exportedFunction("_start"))
    let exit = #expect(throws: WASIExit.self) { try start.call() }
    #expect(exit == WASIExit(code: 7))
    let clock: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    #expect(output.bytes == Array("input name\0arg1\0".utf8) + [1, 2, 3] + clock)
    #expect(errors.text == "A=b\0")
    #expect(folder.contents("result") == "result")

    let spin = try #require(instance.exportedFunction("spin"))
    let trap = #expect(throws: Trap.self) {
      try store.withTimeout(.milliseconds(10)) { try spin.call() }
    }
    #expect(trap?.code == .interrupted)
  }

  /// What is not granted is not there.
  @Test(arguments: Engine.allCases)
  func nothingConfigured(engine: Engine) throws {
    let store = try Store()
    let linker = Linker(store)
    let wasi = try WASI(WASIConfiguration())
    try wasi.define(in: linker)
    let instance = try linker.instantiate(
      engine.compile(Self.program(engine)), beforeStart: { try wasi.bind($0) })
    let start = try #require(instance.exportedFunction("_start"))
    // It cannot open its file, and says so.
    let trap = #expect(throws: Trap.self) { try start.call() }
    #expect(trap?.code == .unreachable)
  }

  /// Modules with imports of the host's own are recorded by it, whatever the number of instances.
  @Test func recording() throws {
    let text = """
      (module (import "host" "twice" (func $twice (param i32) (result i32)))
        (type $op (func (param i32) (result i32)))
        (table funcref (elem $next $twice))
        (func $next (type $op) (i32.add (local.get 0) (i32.const 1)))
        (func (export "run") (param i32) (result i32)
          (call_indirect (type $op) (call $twice (local.get 0)) (i32.const 0))))
      """
    let folder = try Folder()
    let path = folder.path + "/host.wasmprof"
    let recorder = Recorder(try Module(validating: assemble(text)), path: HostString(path))
    let compiled = CompiledModule(recorder: recorder)
    for calls in [3, 4] {
      let store = try Store()
      let linker = Linker(store)
      try linker.defineFunction("host", "twice", FunctionType([.i32], [.i32])) { $0[0] *= 2 }
      let instance = try linker.instantiate(compiled)
      for _ in 0..<calls {
        #expect(try instance.exportedFunction("run")?.call([.i32(4)]) == [.i32(9)])
      }
    }
    #expect(try ProfileFile.read(path: path) == recorder.profile())
    try recorder.finish()
    let read = try ProfileFile.read(path: path)
    #expect(read.runCount == 1)
    let sites = read.functions.values.flatMap { $0.sites.values }
    #expect(sites.count == 1 && sites[0].targets.values.map { $0 } == [7])
  }

  /// A reactor is initialized by the host, a command is not.
  @Test func reactors() throws {
    let text = """
      (module (global $n (mut i32) (i32.const 0))
        (func (export "_initialize") (global.set $n (i32.const 1)))
        (func (export "ready") (result i32) (global.get $n))
      """
    for (more, expected) in [(")", 1), ("(func (export \"_start\")))", 0)] as [(String, Int32)] {
      let linker = Linker(try Store())
      let instance = try linker.instantiate(Engine.baseline.compile(text + more))
      try WASI.initialize(instance)
      #expect(try instance.exportedFunction("ready")?.call() == [.i32(expected)])
    }
  }

  @Test func moduleWithoutMemory() throws {
    let store = try Store()
    let linker = Linker(store)
    let wasi = try WASI(WASIConfiguration())
    try wasi.define(in: linker)
    #expect(throws: WASIConfigurationError.self) {
      try linker.instantiate(
        Engine.baseline.compile("(module (memory 1))"), beforeStart: { try wasi.bind($0) })
    }
  }
}
