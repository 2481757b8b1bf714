import Runtime
import Wasm

extension Linker {
  /// The module `spectest` that the suite imports from.
  func defineSpectest() throws {
    let prints: [(String, [ValueType])] = [
      ("print", []), ("print_i32", [.i32]), ("print_i64", [.i64]), ("print_f32", [.f32]),
      ("print_f64", [.f64]), ("print_i32_f32", [.i32, .f32]), ("print_f64_f64", [.f64, .f64]),
    ]
    for (name, parameters) in prints {
      try defineFunction("spectest", name, FunctionType(parameters, [])) { _ in }
    }
    let globals: [(String, ValueType, Value)] = [
      ("global_i32", .i32, .i32(666)), ("global_i64", .i64, .i64(666)),
      ("global_f32", .f32, .f32(666.6)), ("global_f64", .f64, .f64(666.6)),
    ]
    for (name, type, value) in globals {
      let global = try store.makeGlobal(GlobalType(value: type, isMutable: false), value)
      define("spectest", name, .global(global))
    }
    let table = TableType(element: .funcref, limits: Limits(min: 10, max: 20))
    define("spectest", "table", .table(try store.makeTable(table)))
    var table64 = table
    table64.addressType = .i64
    define("spectest", "table64", .table(try store.makeTable(table64)))
    let memory = MemoryType(limits: Limits(min: 1, max: 2))
    define("spectest", "memory", .memory(try store.makeMemory(memory)))
  }
}
