import Runtime
import Testing
import Wasm

/// Exceptions between wasm code, the host and other instances.
@Suite struct ExceptionHostTests {
  @Test func uncaught() throws {
    let machine = try Machine()
    let instance = try machine.instantiate(
      """
      (module
        (tag $t (export "t") (param i32 f64 exnref))
        (func $inner (throw $t (i32.const 3) (f64.const 1.5) (ref.null exn)))
        (func $outer (export "outer") (call $inner))
        (func (export "legacy") (try (do (call $inner)) (catch_all (rethrow 0)))))
      """)
    let error = try #require(throws: Exception.self) { try instance.call("outer") }
    guard case .tag(let tag)? = instance.export("t") else {
      Issue.record("no tag")
      return
    }
    #expect(error.tag == tag)
    #expect(error.values == [.i32(3), .f64(1.5), .exnref(nil)])
    #expect(error.frames.map(\.name) == ["inner", "outer"])
    let again = try #require(throws: Exception.self) { try instance.call("legacy") }
    #expect(again.frames.map(\.name) == ["legacy"])
    #expect(again != error)
  }

  @Test func startFunction() throws {
    let machine = try Machine()
    #expect(throws: Exception.self) {
      try machine.instantiate("(module (tag $t) (func $s (throw $t)) (start $s))")
    }
  }

  /// Two imports of one tag are one; tags of the same type are not.
  @Test func identity() throws {
    let machine = try Machine()
    let tag = try machine.store.makeTag(FunctionType([.i32], []))
    machine.linker.define("host", "tag", .tag(tag))
    let first = try machine.instantiate(
      """
      (module
        (import "host" "tag" (tag $t (param i32)))
        (tag $own (export "own") (param i32))
        (func (export "throw") (param i32) (throw $t (local.get 0)))
        (func (export "throw own") (param i32) (throw $own (local.get 0)))
        (export "again" (tag $t)))
      """)
    machine.linker.define("first", first)
    let second = try machine.instantiate(
      """
      (module
        (import "first" "again" (tag $a (param i32)))
        (import "host" "tag" (tag $b (param i32)))
        (import "first" "own" (tag $own (param i32)))
        (import "first" "throw" (func $throw (param i32)))
        (import "first" "throw own" (func $throwOwn (param i32)))
        (func (export "f") (param i32) (result i32)
          (block $b (result i32)
            (block $a (result i32)
              (block $own (result i32)
                (try_table (catch $own $own) (catch $b $b) (catch $a $a)
                  (if (local.get 0)
                    (then (call $throw (i32.const 1)))
                    (else (call $throwOwn (i32.const 2)))))
                unreachable)
              (return (i32.add (i32.const 100))))
            (return (i32.add (i32.const 200))))
          (i32.add (i32.const 300))))
      """)
    #expect(try second.call("f", .i32(1)) == [.i32(301)])
    #expect(try second.call("f", .i32(0)) == [.i32(102)])
    #expect(throws: LinkError.self) {
      try machine.instantiate(#"(module (import "host" "tag" (tag (param i64))))"#)
    }
    #expect(throws: LinkError.self) {
      try machine.instantiate(#"(module (import "host" "tag" (func (param i32))))"#)
    }
  }

  private static let program = """
    (module
      (import "host" "tag" (tag $t (param i32)))
      (import "host" "call" (func $host (param i32)))
      (func (export "throw") (param i32) (throw $t (local.get 0)))
      (func (export "f") (param i32) (result i32)
        (block $caught (result i32)
          (try_table (catch $t $caught) (call $host (local.get 0)))
          (i32.const -1))))
    """

  /// A host function in the middle swallows an exception, passes it on, throws another one, or keeps it for later.
  @Test func throughTheHost() throws {
    enum Way: Int32 { case swallow, pass, replace, keep, throwKept }
    let machine = try Machine()
    let tag = try machine.store.makeTag(FunctionType([.i32], []))
    machine.linker.define("host", "tag", .tag(tag))
    var kept: Exception?
    var instance: Instance?
    try machine.linker.defineFunction("host", "call", FunctionType([.i32], [])) { slots in
      guard let way = Way(rawValue: Int32(truncatingIfNeeded: slots[0])) else { return }
      if way == .throwKept, let kept { throw kept }
      do {
        _ = try instance?.call("throw", .i32(40 + way.rawValue))
      } catch let exception as Exception {
        switch way {
        case .swallow, .throwKept: return
        case .pass: throw exception
        case .replace: throw try Exception(tag, [.i32(77)])
        case .keep: kept = exception
        }
      }
    }
    let made = try machine.instantiate(Self.program)
    instance = made
    func f(_ way: Way) throws -> [Value] { try made.call("f", .i32(way.rawValue)) }
    for _ in 0..<3 {
      #expect(try f(.swallow) == [.i32(-1)])
      #expect(try f(.pass) == [.i32(41)])
      #expect(try f(.replace) == [.i32(77)])
      #expect(try f(.keep) == [.i32(-1)])
      #expect(try f(.throwKept) == [.i32(43)])
    }
    #expect(kept?.values == [.i32(43)])
    #expect(throws: UsageError.self) { try Exception(tag, [.i64(1)]) }
  }

  /// Each entry is left by an exception that its host function passes on.
  @Test func nestedEntries() throws {
    let machine = try Machine()
    let tag = try machine.store.makeTag(FunctionType([.i32], []))
    machine.linker.define("host", "tag", .tag(tag))
    var instance: Instance?
    try machine.linker.defineFunction("host", "call", FunctionType([.i32], [])) { slots in
      let depth = Int32(truncatingIfNeeded: slots[0])
      let name = depth == 0 ? "throw" : "nest"
      _ = try instance?.call(name, .i32(depth == 0 ? 123 : depth - 1))
    }
    let made = try machine.instantiate(
      String(Self.program.dropLast())
        + #"(func (export "nest") (param i32) (call $host (local.get 0))))"#)
    instance = made
    for _ in 0..<50 { #expect(try made.call("f", .i32(100)) == [.i32(123)]) }
  }

  /// What another store threw is no exception here, but an error like any other.
  @Test func anotherStore() throws {
    let other = try Machine()
    let foreign = try Exception(other.store.makeTag(FunctionType([], [])))
    let machine = try Machine()
    try machine.linker.defineFunction("host", "fail", FunctionType([], [])) { _ in throw foreign }
    let instance = try machine.instantiate(
      """
      (module (import "host" "fail" (func $fail))
        (func (export "f") (block (try_table (catch_all 0) (call $fail))))
        (func (export "g") (param exnref)))
      """)
    let error = #expect(throws: Exception.self) { try instance.call("f") }
    #expect(error == foreign)
    #expect(throws: UsageError.self) { try instance.call("g", .exnref(foreign)) }
  }

  /// Handlers of calls with parameters and results beyond the registers.
  @Test func manyValues() throws {
    let count = 40
    let types = (0..<count).map { ["i32", "i64", "f32", "f64"][$0 % 4] }
    let values = types.enumerated().map { "(\($1).const \($0))" }.joined(separator: " ")
    let sum = types.indices.reversed().map { index in
      let convert =
        ["(f64.convert_i32_s)", "(f64.convert_i64_s)", "(f64.promote_f32)", ""][index % 4]
      return
        "\(convert) (f64.mul (f64.const \(index + 1))) (f64.add (local.get $sum)) (local.set $sum)"
    }.joined(separator: "\n")
    let list = types.joined(separator: " ")
    let machine = try Machine()
    let instance = try machine.instantiate(
      """
      (module
        (tag $t (param \(list)))
        (func $throw (param \(list)) (result \(list))
          \(types.indices.map { "(local.get \($0))" }.joined(separator: " ")) (throw $t))
        (func $pass (result \(list))
          (try_table (result \(list)) (catch $t 0) \(values) (call $throw)))
        (func (export "f") (result f64) (local $sum f64)
          (call $pass)
          \(sum)
          (local.get $sum)))
      """)
    let expected = (0..<count).reduce(0.0) { $0 + Double($1 * ($1 + 1)) }
    #expect(try instance.call("f") == [.f64(expected)])
  }

  @Test func interruption() throws {
    let machine = try Machine()
    let instance = try machine.instantiate(
      """
      (module
        (tag $t)
        (func $throw (throw $t))
        (func (export "f")
          (loop $next
            (block (try_table (catch_all 0) (call $throw)))
            (br $next))))
      """)
    for _ in 0..<5 {
      let trap = try machine.store.withTimeout(.milliseconds(3)) { try instance.trap("f") }
      #expect(trap?.code == .interrupted)
    }
  }

  /// As many as a module's types may have, and no more.
  @Test func hostTypesHaveLimits() throws {
    let machine = try Machine()
    let most = Array(repeating: ValueType.i64, count: 1000)
    let tag = try machine.store.makeTag(FunctionType(most, []))
    let exception = try Exception(tag, most.map { _ in .i64(7) })
    #expect(exception.values == most.map { _ in .i64(7) })
    #expect(throws: UsageError.self) { try machine.store.makeTag(FunctionType(most + [.i64], [])) }
    for type in [FunctionType(most + [.i64], []), FunctionType([], most + [.i64])] {
      #expect(throws: UsageError.self) { try machine.store.makeFunction(type) { _ in } }
    }
  }
}
