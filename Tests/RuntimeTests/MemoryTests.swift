import Runtime
import Testing
import Wasm

struct MemoryTests {
  static let text = """
    (module (memory (export "m") 1)
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "size") (result i32) (memory.size))
      (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
      (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))
    """

  @Test func growsWithoutMoving() throws {
    let machine = try Machine()
    let instance = try machine.instantiate(Self.text)
    let memory = try #require(instance.exportedMemory("m"))
    let before = memory.withUnsafeMutableBytes { UInt(bitPattern: $0.baseAddress) }
    _ = try instance.call("store", .i32(65_532), .i32(77))
    #expect(try instance.trap("load", .i32(65_536))?.code == .outOfBoundsMemoryAccess)
    for pages in 1..<20 {
      #expect(try instance.call("grow", .i32(1)) == [.i32(Int32(pages))])
      #expect(try instance.call("load", .i32(Int32(pages) * 65_536)) == [.i32(0)])
    }
    #expect(memory.grow(by: 100) == 20)
    #expect(try instance.call("size") == [.i32(120)])
    #expect(try instance.call("load", .i32(65_532)) == [.i32(77)])
    #expect(memory.withUnsafeMutableBytes { UInt(bitPattern: $0.baseAddress) } == before)
    #expect(memory.byteCount == 120 * 65_536)
    #expect(try instance.trap("load", .i32(120 * 65_536 - 3)) != nil)
  }

  @Test func wholeAddressSpace() throws {
    let machine = try Machine()
    let instance = try machine.instantiate(Self.text)
    #expect(try instance.call("grow", .i32(65_536)) == [.i32(-1)])
    #expect(try instance.call("grow", .i32(-1)) == [.i32(-1)])
    #expect(try instance.call("grow", .i32(65_535)) == [.i32(1)])
    _ = try instance.call("store", .i32(-4), .i32(5))
    #expect(try instance.call("load", .i32(-4)) == [.i32(5)])
    #expect(try instance.trap("load", .i32(-3))?.code == .outOfBoundsMemoryAccess)
    #expect(try instance.call("grow", .i32(1)) == [.i32(-1)])
  }

  @Test func embedderSetsLimits() throws {
    var limits = Store.Limits()
    limits.memoryPages = 3
    limits.tableElements = 10
    let machine = try Machine(limits: limits)
    let instance = try machine.instantiate(Self.text)
    #expect(try instance.call("grow", .i32(3)) == [.i32(-1)])
    #expect(try instance.call("grow", .i32(2)) == [.i32(1)])
    #expect(throws: ResourceError.self) { try machine.instantiate("(module (memory 4))") }
    #expect(throws: ResourceError.self) { try machine.instantiate("(module (table 11 funcref))") }
    let table = try machine.instantiate(
      """
      (module (table 1 funcref)
        (func (export "grow") (param i32) (result i32)
          (table.grow (ref.null func) (local.get 0))))
      """)
    #expect(try table.call("grow", .i32(10)) == [.i32(-1)])
    #expect(try table.call("grow", .i32(9)) == [.i32(1)])
  }

  @Test func hostAccessIsChecked() throws {
    let machine = try Machine()
    let memory = try #require(try machine.instantiate(Self.text).exportedMemory("m"))
    #expect(memory.write([1, 2, 3], at: 65_533))
    #expect(!memory.write([1, 2, 3], at: 65_534))
    #expect(!memory.write([1], at: .max))
    #expect(memory.read(at: 65_533, count: 3) == [1, 2, 3])
    #expect(memory.read(at: 65_533, count: 4) == nil)
    #expect(memory.read(at: .max, count: 1) == nil)
    #expect(memory.read(at: 0, count: -1) == nil)
  }
}
