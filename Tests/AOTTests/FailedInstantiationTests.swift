import Forcing
import Contract
import Runtime
import Speculation
import TestSupport
import Testing
import Wasm
import WasmText

@testable import AOT

/// A module whose instantiation fails half-way may have given functions to tables that live on. What they find is what was
/// done until then: compiled code must not take tables for complete.
@Suite struct FailedInstantiationTests {
  /// Slot 0 of the own tables is filled, slot 1 never: a segment that does not fit lies between.
  static let module = """
    (module
      (type $t (func (param i32) (result i32)))
      (import "host" "t" (table $t 10 funcref))
      (import "host" "f" (func $h (type $t)))
      (table $own 4 4 funcref)
      (table $more 4 4 funcref)
      (table $open (export "open") 4 funcref)
      (memory (export "memory") 1)
      (global $count (mut i32) (i32.const 5))
      (elem (table $t) (i32.const 0) func $direct $once $loop $inits $open_call $host $drops)
      (elem (table $own) (i32.const 0) func $f)
      (elem (table $open) (i32.const 0) func $f)
      (elem $late (table $t) (i32.const 9) func $direct $direct)
      (elem (table $own) (i32.const 1) func $g)
      (elem (table $more) (i32.const 0) func $f $g)
      (elem (table $open) (i32.const 1) func $g)
      (elem $passive func $g $f)
      (data $bytes (i32.const 0) "abc")
      (func $f (type $t) (i32.add (local.get 0) (i32.const 1)))
      (func $g (type $t) (i32.mul (local.get 0) (i32.const 3)))
      (func $once (type $t)
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (i32.add (global.get $count)
          (i32.add
            (call_indirect $own (type $t) (local.get 0) (i32.and (local.get 0) (i32.const 1)))
            (i32.load8_u (i32.const 0)))))
      (func $direct (type $t) (call $once (local.get 0)))
      (func $loop (type $t) (local $sum i32) (local $i i32)
        (loop $top
          (local.set $sum (i32.add (local.get $sum)
            (call_indirect $own (type $t) (local.get $i)
              (i32.shr_u (local.get $i) (i32.const 4)))))
          (br_if $top (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
            (local.get 0))))
        (local.get $sum))
      ;; Segments that were not reached are there still.
      (func $inits (type $t)
        (memory.init $bytes (i32.const 8) (i32.const 0) (i32.const 3))
        (table.init $t $late (i32.const 8) (i32.const 0) (i32.const 1))
        (table.init $t $passive (i32.const 7) (i32.const 0) (i32.const 1))
        (i32.add (i32.load (i32.const 8))
          (call_indirect $more (type $t) (local.get 0) (i32.and (local.get 0) (i32.const 1)))))
      (func $open_call (type $t)
        (call_indirect $open (type $t) (local.get 0) (i32.and (local.get 0) (i32.const 1))))
      (func $host (type $t) (call $h (local.get 0)))
      (func $drops (type $t)
        (elem.drop $passive) (data.drop $bytes)
        (call_indirect $t (type $t) (local.get 0) (i32.const 1))))
    """

  /// What another module's compiled code finds in the table.
  static let caller = """
    (module
      (type $t (func (param i32) (result i32)))
      (import "host" "t" (table $t 10 funcref))
      (func $own (type $t) (local.get 0))
      (func (export "call") (param i32 i32) (result i32)
        (call_indirect $t (type $t) (local.get 0) (local.get 1))))
    """

  private enum Outcome: Equatable {
    case returned([Value])
    case trapped(TrapCode, [DeoptCase.Outcome.Place], [Trap.Tier])
  }

  private final class World {
    let store: Store
    let linker: Linker
    let table: Table
    let caller: Instance

    init(_ module: CompiledModule, _ caller: CompiledModule) throws {
      store = try Store()
      linker = Linker(store)
      table = try store.makeTable(
        TableType(element: .funcref, limits: Limits(min: 10, max: nil)))
      linker.define("host", "t", .table(table))
      let type = FunctionType([.i32], [.i32])
      try linker.defineFunction("host", "f", type) { [unowned table] slots in
        // The host calls back into the instance that failed.
        guard case .funcref(let function?) = try table.get(1) else { return }
        try function.call(slots: slots)
      }
      let linker = linker
      let trap = #expect(throws: Trap.self) { try linker.instantiate(module) }
      #expect(trap?.code == .outOfBoundsTableAccess)
      self.caller = try linker.instantiate(caller)
    }

    func outcome(_ body: () throws -> [Value]) throws -> Outcome {
      do {
        return .returned(try body())
      } catch let trap as Trap {
        return .trapped(
          trap.code, trap.frames.map { .init(function: $0.function, byteOffset: $0.byteOffset) },
          trap.frames.map(\.tier))
      }
    }

    /// Of all functions in the table, by the host and by another module, and the table after it.
    func outcomes() throws -> [Outcome] {
      var result: [Outcome] = []
      for index in 0..<9 {
        for argument: Int32 in [0, 1, 2, 3, 40] {
          guard case .funcref(let function) = try table.get(index) else { continue }
          result.append(try outcome { try function?.call([.i32(argument)]) ?? [] })
          result.append(
            try outcome {
              try caller.exportedFunction("call")!.call([.i32(argument), .i32(Int32(index))])
            })
        }
      }
      return result
    }
  }

  private static func compile(
    _ module: Module, _ guardKind: SitePlan.Guard?, dispatches: Bool, forcing: GuardForcing?
  ) throws -> CompiledModule {
    var options = try TestPlan(speculatingEverywhere: module)
    options.guardKind = guardKind
    options.usesDispatchTables = dispatches
    var compiler = CompilerOptions(isShared: false)
    compiler.usesProcesses = false
    compiler.isVerifying = true
    let bytes = try Compiler.compile(
      module, plan: try options.plan(module), profile: .init(), options: compiler)
    return CompiledModule(artefact: try Artefact(bytes: bytes, forcing: forcing))
  }

  private static let loops: GuardForcing = {
    var forcing = GuardForcing()
    forcing.loopPeriod = 1
    return forcing
  }()

  /// The cheapest guards are by index for the module's own tables, that of the open one while it is pristine.
  @Test(arguments: [nil, .reference] as [SitePlan.Guard?], [nil, loops])
  func tablesAreNotComplete(_ guardKind: SitePlan.Guard?, _ forcing: GuardForcing?) throws {
    let module = try Module(validating: assemble(Self.module))
    let caller = try Module(validating: assemble(Self.caller))
    let expected = try World(CompiledModule(module), CompiledModule(caller)).outcomes()
    let isFound = expected.contains {
      if case .trapped(.uninitializedElement, _, _) = $0 { true } else { false }
    }
    #expect(isFound)
    for dispatches in [false, true] {
      let failing = try Self.compile(
        module, guardKind, dispatches: dispatches, forcing: forcing)
      let other = try Self.compile(caller, nil, dispatches: false, forcing: nil)
      // The artefact has all the baseline code, unless its loops are to be others.
      #expect(failing.mayCompile == (forcing != nil) && !other.mayCompile)
      func run() throws -> [Outcome] {
        let world = try World(failing, other)
        return try withExtendedLifetime(world) { try world.outcomes() }
      }
      let outcomes = failing.mayCompile ? try run() : try RestrictedThread.run { _ in try run() }
      #expect(outcomes.count == expected.count)
      for (found, wanted) in zip(outcomes, expected) {
        switch (found, wanted) {
        case (.trapped(let code, let places, let tiers), .trapped(let right, let others, _)):
          #expect(code == right)
          // Compiled code of the failed instance never runs; the other module's does.
          #expect(tiers.dropLast().allSatisfy { $0 == .baseline })
          #expect(places == others)
        default: #expect(found == wanted)
        }
      }
    }
  }
}
