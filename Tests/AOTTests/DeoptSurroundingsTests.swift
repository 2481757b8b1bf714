import Contract
import Glibc
import Runtime
import TestSupport
import Testing
import Wasm
import WasmText

@testable import AOT

/// Deopts and what is around them: where values were, other threads and instances, the host, the start function.
@Suite struct DeoptSurroundingsTests {
  /// What the matrix's programs are to cover: integers and floats each in registers, on the stack, and as constants.
  @Test func valuesAreInAllKindsOfPlaces() throws {
    var seen: Set<String> = []
    for program in [
      try DeoptCase(DeoptPrograms.manyValues, [.init("run", 0, "hot")]),
      try DeoptCase(DeoptPrograms.nested, DeoptPrograms.nestedSites),
    ] {
      let artefact = try Artefact(bytes: program.artefactBytes)
      // Its tables are in its memory.
      defer { withExtendedLifetime(artefact) {} }
      let deopts = artefact.deopts
      for point in deopts.points {
        let frames = deopts.frameState(Int(point.state)).frames
        let types = frames.flatMap { $0.locals + $0.operands }
        for (slot, type) in types.enumerated() {
          switch deopts.location(Int(point.firstLocation) + slot) {
          case .general: seen.insert("\(type) in a general register")
          case .vector: seen.insert("\(type) in a vector register")
          case .stackPointer, .framePointer: seen.insert("\(type) on the stack")
          case .constant: seen.insert("\(type) constant")
          case .undefined: seen.insert("\(type) undefined")
          }
        }
      }
    }
    for type in ["i32", "i64"] {
      #expect(seen.contains("\(type) in a general register"), "\(seen)")
    }
    for type in ["f32", "f64"] { #expect(seen.contains("\(type) in a vector register"), "\(seen)") }
    for type in ["i32", "i64", "f32", "f64"] {
      #expect(seen.contains("\(type) on the stack"), "\(seen)")
      #expect(seen.contains("\(type) constant"), "\(seen)")
    }
  }

  /// A store goes from thread to thread; each misses there, in code that ran on another before.
  @Test func oneInstanceOnSeveralThreads() throws {
    let program = try DeoptCase(DeoptPrograms.nested, DeoptPrograms.nestedSites)
    let call: DeoptComparison.Call = ("run", [.i32(8), .i64(3), .f32(0.5), .f64(4.0)])
    let expected = try DeoptComparison.run(program.baseline, [call]).outcomes[0]
    var side = try DeoptComparison.run(program.artefact, [call])
    for count in 2...5 {
      let before = pthread_self()
      try onNewThread {
        #expect(pthread_equal(before, pthread_self()) == 0)
        try side.call(call)
      }
      #expect(side.instance.deoptStatistics?.deopts == UInt64(count))
    }
    #expect(side.outcomes == Array(repeating: expected, count: 5))
  }

  /// A function of one instance, called by another, misses to a function of that other: over a shared table, on all
  /// combinations of tiers.
  @Test(arguments: [true, false], [true, false])
  func betweenInstances(isCalleeCompiled: Bool, isCallerCompiled: Bool) throws {
    let callee = try DeoptCase(
      DeoptPrograms.sharedTable, [.init("run", 0, "hot")],
      kind: .init(isShared: true, guardKind: .reference))
    let caller = try DeoptCase(DeoptPrograms.tableUser, [])
    let store = try Store()
    let linker = Linker(store)
    let first = try linker.instantiate(isCalleeCompiled ? callee.artefact : callee.baseline)
    linker.define("callee", first)
    let second = try linker.instantiate(isCallerCompiled ? caller.artefact : caller.baseline)
    let go = try #require(second.exportedFunction("go"))
    #expect(try go.call([.i32(0)]) == [.f64(106.5)])
    #expect(first.deoptStatistics?.deopts ?? 0 == 0)
    #expect(try go.call([.i32(1)]) == [.f64(1005.5)])
    #expect(try go.call([.i32(1)]) == [.f64(1105.5)])
    if isCalleeCompiled { #expect(first.deoptStatistics?.deopts == 2) }
    // A trap there goes through both.
    let trap = #expect(throws: Trap.self) { try go.call([.i32(2)]) }
    #expect(trap?.code == .unreachable)
    #expect(trap?.frames.map(\.name) == ["crash", "run", "go"])
    if isCalleeCompiled { #expect(trap?.frames[1].tier == .baseline) }
    #expect(try go.call([.i32(0)]) == [.f64(106.5)])
  }

  /// What a host function throws passes through frames that a deopt made, and the instance can be called again.
  @Test(arguments: DeoptCase.Kind.allCases) func hostErrors(kind: DeoptCase.Kind) throws {
    struct Failure: Error, Equatable { var code: UInt64 }
    let program = try DeoptCase(DeoptPrograms.hostError, [.init("mid", 0, "hot")], kind: kind)
    let store = try Store()
    let linker = Linker(store)
    try linker.defineFunction("env", "fail", FunctionType([.i32], [.i32])) { slots in
      if slots[0] > 5 { throw Failure(code: slots[0]) }
    }
    let instance = try linker.instantiate(program.artefact)
    let run = try #require(instance.exportedFunction("run"))
    #expect(try run.call([.i32(9), .i32(0)]) == [.i32(20)])
    #expect(instance.deoptStatistics?.deopts == 0)
    for count in 1...4 as ClosedRange<UInt64> {
      #expect(throws: Failure(code: 6)) { try run.call([.i32(6), .i32(1)]) }
      #expect(try run.call([.i32(4), .i32(1)]) == [.i32(9)])
      #expect(try run.call([.i32(9), .i32(0)]) == [.i32(20)])
      #expect(instance.deoptStatistics?.deopts == 2 * count)
    }
  }

  @Test(arguments: DeoptCase.Kind.allCases) func startFunctions(kind: DeoptCase.Kind) throws {
    let program = try DeoptCase(DeoptPrograms.start, [.init("begin", 0, "hot")], kind: kind)
    let sides = try [program.baseline, program.artefact].map { try DeoptComparison.run($0, []) }
    #expect(sides[1].globals == sides[0].globals)
    #expect(sides[1].globals["sum"] == .i32(12 + 1007))
    #expect(sides[1].instance.deoptStatistics?.deopts == 1)
  }
}

/// Runs `body` on a thread of its own while this one waits.
private func onNewThread(_ body: @escaping () throws -> Void) throws {
  let job = Job(body)
  var thread = pthread_t()
  let code = pthread_create(
    &thread, nil,
    { argument in
      guard let argument else { return nil }
      // Alive: the creator waits for this thread.
      let job = Unmanaged<Job>.fromOpaque(argument).takeUnretainedValue()
      job.result = Result { try job.body() }
      return nil
    }, Unmanaged.passUnretained(job).toOpaque())
  #expect(code == 0)
  pthread_join(thread, nil)
  try #require(job.result).get()
}

private final class Job {
  let body: () throws -> Void
  var result: Result<Void, any Error>?
  init(_ body: @escaping () throws -> Void) { self.body = body }
}
