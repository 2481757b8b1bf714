import Contract
import Runtime
import Testing
import Wasm

struct InstanceTests {
  /// The host needs nothing else to use an instance, or a function of one; and nothing keeps the store when it has neither.
  @Test func instancesAndFunctionsKeepTheirStore() throws {
    weak var store: Store?
    do {
      let function: Runtime.Function
      do {
        let instance = try Self.counter()
        store = instance.store
        #expect(try instance.call("count") == [.i32(1)])
        function = try #require(instance.exportedFunction("count"))
      }
      #expect(try function.call() == [.i32(2)])
    }
    #expect(store == nil)
  }

  /// An instance of a store of its own, whose function asks the host, which is told its caller.
  private static func counter() throws -> Instance {
    let linker = Linker(try Store())
    var callers: Set<ObjectIdentifier> = []
    try linker.defineFunction("host", "next") { (caller: Instance, number: Int32) -> Int32 in
      callers.insert(ObjectIdentifier(caller.store))
      return caller.exportedFunction("count") == nil || callers.count != 1 ? -1 : number + 1
    }
    return try linker.instantiate(
      Machine.compile(
        """
        (module
          (import "host" "next" (func $next (param i32) (result i32)))
          (global $count (mut i32) (i32.const 0))
          (func (export "count") (result i32)
            (global.set $count (call $next (global.get $count)))
            (global.get $count)))
        """))
  }

  @Test func instancesAreEqualIfTheyAreTheSame() throws {
    let machine = try Machine()
    var callers: [Instance] = []
    try machine.linker.defineFunction("host", "note") { (caller: Instance) in
      // Of this test's own, which ends.
      callers.append(caller)
    }
    let text = #"(module (import "host" "note" (func $f)) (func (export "run") (call $f)))"#
    let (first, second) = (try machine.instantiate(text), try machine.instantiate(text))
    _ = try first.call("run")
    _ = try second.call("run")
    #expect(callers == [first, second] && first != second)
    #expect(Set(callers + [first, second]).count == 2)
    callers = []
  }

  @Test func everythingCanBeShared() throws {
    let machine = try Machine()
    let exporter = try machine.instantiate(
      """
      (module
        (memory (export "memory") 1 3)
        (table (export "table") 3 10 funcref)
        (global (export "count") (mut i32) (i32.const 5))
        (global (export "big") i64 (i64.const -1))
        (type $get (func (result i32)))
        (func $own (export "own") (result i32) (global.get 0))
        (elem (i32.const 0) $own)
        (func (export "through") (param i32) (result i32) (call_indirect (type $get) (local.get 0)))
        (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))
      """)
    machine.linker.define("a", exporter)
    let importer = try machine.instantiate(
      """
      (module
        (import "a" "memory" (memory 1))
        (import "a" "table" (table 2 funcref))
        (import "a" "count" (global $count (mut i32)))
        (import "a" "big" (global $big i64))
        (import "a" "own" (func $own (result i32)))
        (global $copy i64 (global.get $big))
        (func $mine (result i32) (i32.mul (global.get $count) (i32.const 100)))
        (elem (i32.const 1) $mine $own)
        (data (i32.const 8) "\\2a\\00\\00\\00")
        (func (export "add") (param i32)
          (global.set $count (i32.add (global.get $count) (local.get 0))))
        (func (export "copy") (result i64) (global.get $copy))
        (func (export "own") (result i32) (call $own))
        (func (export "grow") (result i32) (memory.grow (i32.const 1)))
        (func (export "size") (result i32) (memory.size)))
      """)
    #expect(try exporter.call("load", .i32(8)) == [.i32(42)])
    #expect(try importer.call("add", .i32(2)) == [])
    #expect(try importer.call("own") == [.i32(7)])
    #expect(try importer.call("copy") == [.i64(-1)])
    #expect(try exporter.call("through", .i32(0)) == [.i32(7)])
    #expect(try exporter.call("through", .i32(1)) == [.i32(700)])
    #expect(try exporter.call("through", .i32(2)) == [.i32(7)])
    #expect(try importer.call("grow") == [.i32(1)])
    #expect(exporter.exportedMemory("memory")?.pageCount == 2)
    #expect(try exporter.call("load", .i32(0x1FFFC)) == [.i32(0)])
    guard case .global(let count)? = exporter.export("count") else {
      Issue.record("no global")
      return
    }
    #expect(count.value == .i32(7))
    try count.set(.i32(9))
    #expect(try importer.call("own") == [.i32(9)])
    #expect(throws: UsageError.self) { try count.set(.i64(9)) }
  }

  @Test func importsAreMatched() throws {
    let machine = try Machine()
    machine.linker.define(
      "a",
      try machine.instantiate(
        """
        (module (memory (export "m") 1 2) (table (export "t") 2 funcref)
          (global (export "g") i32 (i32.const 1)) (func (export "f") (param i32)))
        """))
    func message(_ field: String) -> String? {
      do {
        _ = try machine.instantiate("(module \(field))")
        return nil
      } catch {
        return "\(error)"
      }
    }
    let incompatible = [
      "(import \"a\" \"m\" (memory 2))", "(import \"a\" \"m\" (memory 1 1))",
      "(import \"a\" \"t\" (table 2 3 funcref))", "(import \"a\" \"t\" (table 2 externref))",
      "(import \"a\" \"t\" (table 3 funcref))", "(import \"a\" \"g\" (global (mut i32)))",
      "(import \"a\" \"g\" (global i64))", "(import \"a\" \"f\" (func))",
      "(import \"a\" \"f\" (func (param i32) (result i32)))", "(import \"a\" \"f\" (memory 0))",
    ]
    for field in incompatible {
      #expect(message(field)?.hasPrefix("incompatible import type: a.") == true, "\(field)")
    }
    #expect(message("(import \"a\" \"x\" (func))") == "unknown import: a.x")
    for field in [
      "(import \"a\" \"m\" (memory 1 3))", "(import \"a\" \"t\" (table 1 funcref))",
      "(import \"a\" \"g\" (global i32))", "(import \"a\" \"f\" (func (param i32)))",
    ] { #expect(message(field) == nil, "\(field)") }
  }

  @Test func storesDoNotMix() throws {
    let machine = try Machine()
    let other = try Machine()
    let exporter = try machine.instantiate(
      """
      (module (func (export "f")) (memory (export "m") 1) (table (export "t") 1 funcref)
        (global (export "g") i32 (i32.const 1)))
      """)
    other.linker.define("a", exporter)
    for item in ["f\" (func)", "m\" (memory 1)", "t\" (table 1 funcref)", "g\" (global i32)"] {
      #expect(throws: LinkError.self) {
        try other.instantiate("(module (import \"a\" \"\(item)))")
      }
    }
  }

  @Test func startRunsAfterSegments() throws {
    let machine = try Machine()
    let compiled = try Machine.compile(
      """
      (module (memory 1) (data (i32.const 0) "\\07") (global $seen (export "seen") (mut i32)
        (i32.const 0)) (func $start (global.set $seen (i32.load8_u (i32.const 0)))) (start $start))
      """)
    var before: Value?
    let instance = try machine.linker.instantiate(compiled) { instance in
      if case .global(let seen)? = instance.export("seen") { before = seen.value }
    }
    #expect(before == .i32(0))
    guard case .global(let seen)? = instance.export("seen") else { return }
    #expect(seen.value == .i32(7))
  }

  @Test func trapInStartHasFrames() throws {
    let machine = try Machine()
    do {
      _ = try machine.instantiate("(module (func $go (unreachable)) (start $go))")
      Issue.record("no trap")
    } catch let trap as Trap {
      #expect(trap.frames.map(\.name) == ["go"])
    }
  }

  /// What segments wrote before one of them trapped stays (spec 4.5.4).
  @Test func failedInstantiationKeepsItsWrites() throws {
    let machine = try Machine()
    let first = try machine.instantiate(
      """
      (module (memory (export "m") 1) (table (export "t") 3 funcref)
        (func (export "call") (param i32) (result i32)
          (call_indirect (result i32) (local.get 0))))
      """)
    machine.linker.define("a", first)
    do {
      _ = try machine.instantiate(
        """
        (module (import "a" "m" (memory 1)) (import "a" "t" (table 3 funcref))
          (func $f (result i32) (i32.const 11))
          (elem (i32.const 0) $f) (data (i32.const 0) "x") (data (i32.const 65536) "y"))
        """)
      Issue.record("no trap")
    } catch let trap as Trap {
      #expect(trap.code == .outOfBoundsMemoryAccess)
    }
    #expect(first.exportedMemory("m")?.read(at: 0, count: 1) == [UInt8(ascii: "x")])
    #expect(try first.call("call", .i32(0)) == [.i32(11)])
  }

  @Test func droppedSegmentsAreEmpty() throws {
    let machine = try Machine()
    let instance = try machine.instantiate(
      """
      (module (memory 1) (table 2 funcref) (data $d "ab") (elem $e func $f) (func $f)
        (func (export "init") (param i32)
          (memory.init $d (i32.const 0) (i32.const 0) (local.get 0)))
        (func (export "drop") (data.drop $d) (elem.drop $e))
        (func (export "tinit") (param i32)
          (table.init $e (i32.const 0) (i32.const 0) (local.get 0))))
      """)
    #expect(try instance.trap("init", .i32(2)) == nil)
    #expect(try instance.trap("init", .i32(3))?.code == .outOfBoundsMemoryAccess)
    #expect(try instance.trap("tinit", .i32(1)) == nil)
    #expect(try instance.call("drop") == [])
    #expect(try instance.trap("init", .i32(0)) == nil)
    #expect(try instance.trap("init", .i32(1))?.code == .outOfBoundsMemoryAccess)
    #expect(try instance.trap("tinit", .i32(1))?.code == .outOfBoundsTableAccess)
  }

  @Test func tablesArePristineUntilWritten() throws {
    let text = """
      (module (table (export "t") 3 10 funcref) (elem (i32.const 0) $f $f) (func $f (export "f"))
        (func (export "set") (table.set (i32.const 0) (ref.null func)))
        (func (export "grow") (result i32) (table.grow (ref.func $f) (i32.const 2)))
        (func (export "fill") (param i32)
          (table.fill (i32.const 0) (ref.null func) (local.get 0)))
        (func (export "copy") (table.copy (i32.const 0) (i32.const 1) (i32.const 1))))
      """
    func table(_ instance: Instance) throws -> Table {
      guard case .table(let table)? = instance.export("t") else { throw LinkError(message: "t") }
      return table
    }
    let machine = try Machine()
    let first = try machine.instantiate(text)
    #expect(try table(first).isPristine)
    #expect(try first.call("grow") == [.i32(3)])
    #expect(try first.call("fill", .i32(0)) == [])
    #expect(try first.trap("fill", .i32(11)) != nil)
    #expect(try table(first).isPristine)
    _ = try first.call("set")
    #expect(try !table(first).isPristine)

    let second = try machine.instantiate(text)
    _ = try second.call("copy")
    #expect(try !table(second).isPristine)
    let third = try machine.instantiate(text)
    try table(third).set(0, .funcref(nil))
    #expect(try !table(third).isPristine)
    let fourth = try machine.instantiate(text)
    machine.linker.define("a", fourth)
    _ = try machine.instantiate(
      "(module (import \"a\" \"t\" (table 3 funcref)) (func $g) (elem (i32.const 2) $g))")
    #expect(try !table(fourth).isPristine)
  }
}
