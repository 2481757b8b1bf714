import CRuntime
import Contract
import Feedback
import Glibc
import Runtime
import Testing
import Wasm

struct StoreTests {
  static let fibonacci = """
    (module (memory 1) (func $fib (export "fib") (param i32) (result i32)
      (i32.store (i32.const 0) (local.get 0))
      (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
        (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
          (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
      (func (export "bad") (drop (i32.load (i32.const 65536)))))
    """

  @Test func threadsShareACompiledModule() async throws {
    let compiled = try Machine.compile(Self.fibonacci)
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          var traps = 0
          for _ in 0..<20 {
            let machine = try Machine()
            let instance = try machine.linker.instantiate(compiled)
            #expect(try instance.call("fib", .i32(15)) == [.i32(610)])
            if try instance.trap("bad")?.code == .outOfBoundsMemoryAccess { traps += 1 }
          }
          return traps
        }
      }
      for try await traps in group { #expect(traps == 20) }
    }
    #expect(compiled.baselineFunctionCount == 2)
  }

  @Test func storeCanChangeItsThread() throws {
    // Unchecked: handed from thread to thread, which wait for each other.
    final class Box: @unchecked Sendable {
      let machine: Machine
      let instance: Instance
      var results: [Value] = []
      init() throws {
        machine = try Machine()
        instance = try machine.instantiate(StoreTests.fibonacci)
      }
    }
    let box = try Box()
    for _ in 0..<3 {
      var thread = pthread_t()
      let start = Unmanaged.passRetained(box).toOpaque()
      pthread_create(
        &thread, nil,
        { argument in
          let box = Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue()
          box.results += (try? box.instance.call("fib", .i32(10))) ?? []
          if (try? box.instance.trap("bad")?.code) == .outOfBoundsMemoryAccess {
            box.results.append(.i32(-1))
          }
          return nil
        }, start)
      pthread_join(thread, nil)
      box.results += try box.instance.call("fib", .i32(5))
    }
    #expect(
      box.results == [
        .i32(55), .i32(-1), .i32(5), .i32(55), .i32(-1), .i32(5), .i32(55), .i32(-1), .i32(5),
      ])
  }

  @Test func everythingIsFreed() throws {
    weak var store: Store?
    weak var instance: Instance?
    weak var compiled: CompiledModule?
    do {
      let machine = try Machine()
      let module = try Machine.compile(Self.fibonacci)
      try machine.linker.defineFunction("host", "f", FunctionType([], [])) { _ in }
      let made = try machine.linker.instantiate(module)
      _ = try made.call("fib", .i32(5))
      (store, instance, compiled) = (machine.store, made, module)
      #expect(store != nil)
    }
    #expect(store == nil)
    #expect(instance == nil)
    #expect(compiled == nil)
  }

  /// Modules take 64 KiB of address space each, arenas have 64 MiB.
  @Test func machineCodeIsFreed() throws {
    let bytes = try Machine.compile(Self.fibonacci).module
    let before = try Self.codeMappings()
    for _ in 0..<1_500 {
      let machine = try Machine()
      let instance = try machine.linker.instantiate(CompiledModule(bytes))
      #expect(try instance.call("fib", .i32(3)) == [.i32(2)])
    }
    #expect(try Self.codeMappings() <= before + 1)
  }

  private static func codeMappings() throws -> Int {
    let file = try #require(fopen("/proc/self/maps", "r"))
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 4096)
    var count = 0
    while fgets(&line, Int32(line.count), file) != nil {
      if strstr(line, "wasm-pgo code") != nil { count += 1 }
    }
    return count
  }

  @Test func noPageIsWritableAndExecutable() throws {
    let machine = try Machine()
    let instance = try machine.instantiate(Self.fibonacci)
    _ = try instance.call("fib", .i32(10))
    let file = try #require(fopen("/proc/self/maps", "r"))
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 4096)
    var codePages = 0
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let fields = text.split(separator: " ", maxSplits: 2)
      #expect(!(fields[1].contains("w") && fields[1].contains("x")), "\(text)")
      if text.contains("wasm-pgo code") { codePages += 1 }
    }
    #expect(codePages > 0)
  }

  /// C's structs against the contract.
  @Test func layouts() {
    #expect(MemoryLayout<wpgo_host_context>.offset(of: \.store) == ContextLayout.store)
    #expect(MemoryLayout<wpgo_store>.offset(of: \.host_sp) == 0)
    #expect(MemoryLayout<wpgo_registers>.offset(of: \.integer) == 0)
    #expect(MemoryLayout<wpgo_registers>.offset(of: \.vector) == 48)
    #expect(MemoryLayout<wpgo_registers>.size == 176)
    #expect(CallingConvention.integerParameterRegisters <= 6)
    #expect(CallingConvention.floatParameterRegisters == 8)
    #expect(Int(WPGO_RUNTIME_CALLS) >= RuntimeCall.allCases.count)
    // Code that asks for another call must be refused by a runtime without it: raise the contract.
    let calls: [RuntimeCall] = [
      .memoryGrow, .memoryCopy, .memoryFill, .memoryInit, .dataDrop, .tableSet, .tableGrow,
      .tableFill, .tableCopy, .tableInit, .elementDrop, .recordTarget,
      .otherMemoryGrow, .otherMemoryCopy, .otherMemoryFill, .otherMemoryInit,
      .newException, .dropException, .throwException, .recordMiss,
    ]
    #expect(ArtefactManifest.currentContract == 10 && RuntimeCall.allCases == calls)
    #expect(TrapCode.hostError.rawValue == 11)
    #expect(Int(wpgo_context_memory.rawValue) == ContextLayout.memory)
    #expect(Int(wpgo_context_instance.rawValue) == ContextLayout.instance)
    #expect(Int(wpgo_memory_base.rawValue) == MemoryStateLayout.base)
    #expect(Int(wpgo_memory_length.rawValue) == MemoryStateLayout.byteLength)
    #expect(Int(wpgo_table_elements.rawValue) == TableLayout.elements)
    #expect(Int(wpgo_table_length.rawValue) == TableLayout.length)
    #expect(Int(wpgo_table_pristine.rawValue) == TableLayout.pristine)
    #expect(Int(wpgo_target_slots.rawValue) == TargetRecord.slotCount)
    #expect(Int(TargetRecord.referenceSize) == FuncRefLayout.size)
    #expect(TargetRecord.key(1) == 16 && TargetRecord.count(1) == 24)
    #expect(Int(wpgo_target_other.rawValue) == TargetRecord.otherCount)
    #expect(Int(wpgo_target_foreign.rawValue) == TargetRecord.foreignCount)
    #expect(Int(wpgo_context_counters.rawValue) == ContextLayout.counters)
    #expect(Int(wpgo_reference_size.rawValue) == FuncRefLayout.size)
    #expect(Int(wpgo_miss_slots.rawValue) == MissTable.slotCount)
    #expect(Int(wpgo_miss_probes.rawValue) == MissTable.probeCount)
    #expect(UInt32(wpgo_miss_foreign.rawValue) == MissTable.foreign)
  }
}
