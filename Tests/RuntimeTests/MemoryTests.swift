import Contract
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

  /// Contexts have each memory where its descriptor says, and have one for a module without a memory to look at.
  @Test(arguments: ["(memory 2)", "(import \"host\" \"m\" (memory 1))", ""])
  func descriptors(declaration: String) throws {
    let machine = try Machine()
    let type = MemoryType(limits: Limits(min: 1))
    machine.linker.define("host", "m", .memory(try machine.store.makeMemory(type)))
    let instance = try machine.instantiate("(module \(declaration))")
    let layout = ContextLayout(instance.module)
    #expect(layout.memories.map(\.type) == instance.module.memories)
    #expect(layout.memories.count == instance.memories.count)
    for (place, memory) in zip(layout.memories, instance.memories) {
      #expect(memory.byteCount == Int(place.type.limits.min) * place.type.pageSize)
      // Both fields are pointers.
      let fields = [place.base, place.state].map {
        instance.context.load(fromByteOffset: $0, as: UnsafeMutableRawPointer.self)
      }
      #expect(fields == [memory.base, memory.state])
    }
    let state = instance.context.load(
      fromByteOffset: ContextLayout.memory, as: UnsafeRawPointer.self)
    let length = state.load(fromByteOffset: MemoryStateLayout.byteLength, as: Int.self)
    #expect(length == instance.memories.first?.byteCount ?? 0)
  }

  /// The highest address with the highest offset, for the largest access, is inside of the reservation.
  @Test func reservationCoversEveryAccess() throws {
    let type = MemoryType(limits: Limits(min: 1))
    #expect(2 * type.maximumAddress + 16 <= UInt64(type.reservation(capacity: 1 << 16)))
    let machine = try Machine()
    let instance = try machine.instantiate(
      """
      (module (memory 1)
        (func (export "far") (param i32) (result i64)
          (i64.load offset=0xffffffff (local.get 0))))
      """)
    for address: Int32 in [0, -1] {
      #expect(try instance.trap("far", .i32(address))?.code == .outOfBoundsMemoryAccess)
    }
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
