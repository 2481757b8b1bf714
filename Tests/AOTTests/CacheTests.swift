import Contract
import Feedback
import Files
import Glibc
import Speculation
import Synchronization
import TestSupport
import Testing
import Wasm
import WasmText

@testable import AOT

/// What comes from the cache is what would have been compiled, but for profiles a little different; and it is found
/// exactly where nothing changed that matters.
@Suite final class CacheTests {
  private let directory =
    "/tmp/wasm-pgo-cache-test.\(getpid()).\(UInt64.random(in: 0...UInt64.max))"

  deinit {
    for name in names { unlink("\(directory)/\(name)") }
    rmdir(directory)
  }

  private var files: [String] { names.filter { $0.hasSuffix(".part") } }

  private var names: [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(".") { continue }
      names.append(name)
    }
    return names.sorted()
  }

  /// Three functions, each larger than a partition, so that each has its own: `run` calls `leaf` through the table, and `other` is apart.
  private static func text(constant: Int = 1_000_001, padding: Int = 300) -> String {
    let work = String(repeating: "(i32.xor (i32.const 1000003))", count: padding)
    func long(_ start: String) -> String { "(local.get 0)" + start + work }
    return """
      (module
        (type $t (func (param i32) (result i32)))
        (table 2 2 funcref)
        (elem (i32.const 0) $leaf $other)
        (func $leaf (export "leaf") (type $t) \(long("(i32.add (i32.const 1000002))")))
        (func $run (export "run") (param i32) (result i32)
          (block (br_if 0 (local.get 0)))
          \(long("(i32.add (i32.const \(constant)))"))
          (local.set 0)
          (call_indirect (type $t) (local.get 0) (i32.and (local.get 0) (i32.const 0))))
        (func $other (export "other") (type $t) \(long("(i32.mul (i32.const 1000005))"))))
      """
  }

  private func inputs(
    _ text: String, calls: UInt64 = 1_000, taken: UInt64 = 10
  ) throws -> (module: Module, profile: ModuleProfile) {
    let module = try Module(validating: assemble(text))
    var profile = ModuleProfile()
    let leaf = try #require(module.function(exported: "leaf"))
    for function in module.functions.indices {
      var counts = FunctionProfile()
      counts.entryCount = calls
      for offset in try module.offsets(of: .callIndirect, function: function) {
        counts.callSites[offset] = CallSiteFeedback(targets: [.init(function: leaf, count: calls)])
      }
      for offset in try module.offsets(of: .brIf, function: function) {
        counts.branches[offset] = .init(taken: taken, notTaken: calls - taken)
      }
      profile.functions[function] = counts
    }
    return (module, profile)
  }

  /// Compiles with the cache, checks that the bytes are those without, and tells how many parts were found.
  private func found(
    _ inputs: (module: Module, profile: ModuleProfile), _ level: Int = 2,
    _ cpu: String = "x86-64-v2", of total: Int = 3, isExact: Bool = true
  ) throws -> Int {
    var options = CompilerOptions(
      cpu: try #require(CPUChoice(cpu)), usesProcesses: false)
    options.partitionSize = 1 << 10
    func compile() throws -> [UInt8] {
      var planner = PlannerOptions.thorough
      planner.tuning.highestTier = level == 2 ? .middle : .light
      planner.earlier =
        options.cache?.earlierPlans(of: inputs.module, for: inputs.profile) ?? [:]
      let plan = Planner.plan(module: inputs.module, profile: inputs.profile, options: planner)
      return try Compiler.compile(
        inputs.module, plan: plan, profile: inputs.profile, options: options)
    }
    let plain = try compile()
    options.cache = try PartitionCache(directory: HostString(directory))
    let counts = Mutex((found: 0, total: 0))
    options.cacheReport = { found, total in counts.withLock { $0 = (found, total) } }
    #expect(try (compile() == plain) || !isExact)
    #expect(counts.withLock { $0.total } == total)
    return counts.withLock { $0.found }
  }

  @Test func theSameIsFound() throws {
    let inputs = try inputs(Self.text())
    #expect(try found(inputs) == 0)
    #expect(files.count == 3)
    #expect(try found(inputs) == 3)
  }

  @Test func aLongerRunIsFound() throws {
    #expect(try found(inputs(Self.text())) == 0)
    #expect(try found(inputs(Self.text(), calls: 7_000, taken: 70), isExact: false) == 3)
  }

  /// Even where the branch is now the likelier one of two about as likely.
  @Test(arguments: [460, 499, 501, 540] as [UInt64]) func aLittleDifferenceIsFound(
    _ taken: UInt64
  ) throws {
    #expect(try found(inputs(Self.text(), taken: 500)) == 0)
    #expect(try found(inputs(Self.text(), taken: taken), isExact: false) == 3)
  }

  @Test func anotherRatioIsMissedWhereItIs() throws {
    #expect(try found(inputs(Self.text())) == 0)
    #expect(try found(inputs(Self.text(), taken: 900)) == 2)
    // The last is kept.
    #expect(try found(inputs(Self.text(), taken: 900)) == 3)
    #expect(try found(inputs(Self.text())) == 2)
  }

  /// Where the values of an exception are is a matter of its tag's type.
  @Test func tagsMiss() throws {
    func tagged(_ type: Int) throws -> (module: Module, profile: ModuleProfile) {
      let types = "(type $a (func (param i64 v128))) (type $b (func (param v128 i64)))"
      return try inputs(
        Self.text().dropLast() + types + "(tag (type \(["$a", "$b"][type]))))")
    }
    #expect(try found(tagged(0)) == 0)
    #expect(try found(tagged(1)) == 0)
    #expect(try found(tagged(0)) == 3)
  }

  @Test func optionsMiss() throws {
    let inputs = try inputs(Self.text())
    #expect(try found(inputs) == 0)
    #expect(try found(inputs, 1) == 0)
    #expect(try found(inputs, 2, "x86-64-v3") == 0)
    #expect(try found(inputs) == 3)
  }

  @Test func editsMissWhereTheyAre() throws {
    #expect(try found(inputs(Self.text())) == 0)
    // As many bytes as before.
    #expect(try found(inputs(Self.text(constant: 1_000_009))) == 2)
    // Bodies that moved, and a body that is inlined elsewhere.
    #expect(try found(inputs(Self.text(padding: 299))) == 0)
    // Another function, which no code calls, changes what is where in the context.
    let more = Self.text().dropLast() + "(func))"
    #expect(try found(inputs(String(more)), of: 4) == 0)
  }

  @Test(arguments: ["flipped", "truncated", "empty", "another's"]) func damageIsAMiss(
    _ damage: String
  ) throws {
    let inputs = try inputs(Self.text())
    #expect(try found(inputs) == 0)
    let path: HostString = "\(directory)/\(try #require(files.first))"
    let bytes = try readFile(path)
    switch damage {
    case "flipped":
      for position in stride(from: 0, to: bytes.count, by: bytes.count / 7) {
        var other = bytes
        other[position] ^= 0x10
        try writeFile(other, to: path)
        #expect(try found(inputs) == 2)
        #expect(try readFile(path) == bytes)
      }
      return
    case "truncated": try writeFile(Array(bytes.dropLast()), to: path)
    case "empty": try writeFile([], to: path)
    default: try writeFile(readFile("\(directory)/\(files[1])"), to: path)
    }
    #expect(try found(inputs) == 2)
    #expect(try readFile(path) == bytes)
    #expect(try found(inputs) == 3)
  }

  @Test func aFileIsNoFolder() throws {
    try writeFile([1], to: HostString(directory))
    defer { unlink(directory) }
    #expect(throws: FileError.self) {
      _ = try self.found(self.inputs(Self.text()))
    }
  }

  // MARK: Plans

  /// `run` calls `leaf` directly on one way of a branch, and through the table at its end; both are small.
  private static let small = """
    (module
      (type $t (func (param i32) (result i32)))
      (table 2 2 funcref)
      (elem (i32.const 0) $leaf $other)
      (func $leaf (type $t) (i32.mul (i32.add (local.get 0) (i32.const 1000)) (i32.const 1003)))
      (func $other (type $t) (i32.mul (i32.sub (local.get 0) (i32.const 1000)) (i32.const 1009)))
      (func $run (export "run") (type $t)
        (if (local.get 0) (then (local.set 0 (call $leaf (local.get 0)))))
        (call_indirect (type $t) (local.get 0) (i32.and (local.get 0) (i32.const 1)))))
    """

  /// - Parameters:
  ///   - called: how often the direct call ran, of `entries`.
  ///   - other: how often the indirect one led to `other`.
  private func small(
    entries: UInt64, called: UInt64, other: UInt64 = 0
  ) throws -> (module: Module, profile: ModuleProfile) {
    let module = try Module(validating: assemble(Self.small))
    let run = try #require(module.function(exported: "run"))
    var counts = FunctionProfile()
    counts.entryCount = entries
    let direct = try #require(module.offsets(of: .call, function: run).first)
    counts.callSites[direct] = CallSiteFeedback(targets: [.init(function: 0, count: called)])
    let branch = try #require(module.offsets(of: .if, function: run).first)
    counts.branches[branch] = .init(taken: called, notTaken: entries - called)
    let indirect = try #require(module.offsets(of: .callIndirect, function: run).first)
    let targets = [(0, entries - other), (1, other)].filter { $0.1 > 0 }
    counts.callSites[indirect] = CallSiteFeedback(
      targets: targets.map { .init(function: $0.0, count: $0.1) })
    var profile = ModuleProfile()
    profile.functions[run] = counts
    for leaf in [0, 1] {
      profile.functions[leaf] = FunctionProfile()
      profile.functions[leaf]?.entryCount = entries
    }
    return (module, profile)
  }

  /// A call that is just worth inlining for the one profile and just not for the other.
  @Test func aCallAtTheLimitKeepsThePlan() throws {
    let (before, after) = try (
      small(entries: 100_000, called: 1_000), small(entries: 100_100, called: 1_000)
    )
    let sizes = [before, after].map {
      Planner.plan(module: $0.module, profile: $0.profile).functions[2].generic.nodes.count
    }
    #expect(sizes == [3, 2])
    #expect(try found(before, of: 1) == 0)
    #expect(try found(after, of: 1, isExact: false) == 1)
    #expect(try found(small(entries: 100_000, called: 40_000), of: 1) == 0)
  }

  @Test func aNewTargetChangesThePlan() throws {
    let before = try small(entries: 100_000, called: 1_000)
    #expect(try found(before, of: 1) == 0)
    #expect(try found(small(entries: 100_000, called: 1_000, other: 100), of: 1) == 0)
  }

  @Test func plansSurviveTheFile() throws {
    let inputs = try small(entries: 100_000, called: 1_000, other: 30_000)
    let plan = Planner.plan(module: inputs.module, profile: inputs.profile)
    for row in plan.functions {
      var writer = ArtefactWriter()
      row.encode(to: &writer)
      let read = try writer.bytes.withUnsafeBytes {
        var reader = ArtefactReader($0)
        let row = try FunctionPlan(decoding: &reader)
        try reader.expectEnd()
        return row
      }
      var again = ArtefactWriter()
      read.encode(to: &again)
      #expect(again.bytes == writer.bytes)
    }
  }

  // MARK: Counts

  private func counts(_ frequencies: [Double]) -> PredictedCounts {
    PredictedCounts(
      rows: frequencies.enumerated().filter { $1 > 0 }.map {
        .init(place: .init(copy: 0, offset: UInt32($0), way: 1), frequency: $1)
      })
  }

  @Test(
    arguments: [
      ([1, 3], [1, 3], 1), ([1, 3], [10, 30], 1), ([1, 3], [3, 1], 0.5), ([0, 1], [1, 0], 0),
      ([], [], 1),
      ([], [1], 0), ([4, 0, 0, 4], [2, 2, 2, 2], 0.5), ([1, 0, 1], [0, 1, 1], 0.5),
    ] as [([Double], [Double], Double)])
  func overlap(_ left: [Double], _ right: [Double], _ expected: Double) {
    #expect(counts(left).overlap(with: counts(right)) == expected)
    #expect(counts(right).overlap(with: counts(left)) == expected)
  }

  @Test func trapPlacesFitTheirBits() {
    for function in [0, 1, 999_999] {
      for node in [0, 1, TrapPlace.maximumNodeCount - 1] {
        for isSpeculative in [true, false] {
          let place = TrapPlace(
            definedFunction: function, isSpeculative: isSpeculative,
            location: CodeLocation(node: UInt32(node), byteOffset: .max))
          #expect(TrapPlace(raw: place.raw) == place)
          #expect(place.raw != TrapPlace.fromReturnAddress)
        }
      }
    }
  }
}
