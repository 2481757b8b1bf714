import Runtime
import Testing
import Wasm

/// Tables count together against their limit.
struct TableLimitTests {
  private static func machine(_ elements: Int) throws -> Machine {
    var limits = Store.Limits()
    limits.tableElements = elements
    return try Machine(limits: limits)
  }

  @Test func tablesOfAModule() throws {
    let machine = try Self.machine(100)
    #expect(throws: ResourceError.self) {
      try machine.instantiate("(module (table 60 funcref) (table 60 funcref))")
    }
    #expect(throws: Never.self) {
      try machine.instantiate("(module (table 20 funcref) (table 20 externref))")
    }
  }

  @Test func growingCounts() throws {
    let machine = try Self.machine(100)
    let instance = try machine.instantiate(
      """
      (module (table $a 40 funcref) (table $b 40 externref)
        (func (export "a") (param i32) (result i32) (table.grow $a (ref.null func) (local.get 0)))
        (func (export "b") (param i32) (result i32)
          (table.grow $b (ref.null extern) (local.get 0))))
      """)
    #expect(try instance.call("a", .i32(10)) == [.i32(40)])
    #expect(try instance.call("b", .i32(11)) == [.i32(-1)])
    #expect(try instance.call("b", .i32(10)) == [.i32(40)])
    #expect(try instance.call("a", .i32(1)) == [.i32(-1)])
    #expect(try instance.call("a", .i32(0)) == [.i32(50)])
  }

  @Test func tablesOfTheHost() throws {
    let machine = try Self.machine(10)
    let table = try machine.store.makeTable(
      TableType(element: .funcref, limits: Limits(min: 6, max: nil)))
    #expect(throws: ResourceError.self) {
      try machine.store.makeTable(TableType(element: .funcref, limits: Limits(min: 5, max: nil)))
    }
    #expect(try table.grow(by: 5, .funcref(nil)) == nil)
    #expect(try table.grow(by: 4, .funcref(nil)) == 6)
  }
}
