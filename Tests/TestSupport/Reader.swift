import Baseline
import Contract
import Feedback
import Forcing
import Runtime
import Wasm

/// The readers of what comes from outside. Whatever the bytes, each takes or refuses them: it does not crash, hang, or take
/// memory out of proportion. Checksums and lengths around the bytes are made right, so that the checks behind them are
/// reached. What is read is asked everything, and never executed.
public enum Reader: String, CaseIterable, Sendable {
  /// A module: decoder, validator, names; then the baseline compiler.
  case module
  /// The contents of a compact profile.
  case profile
  /// A module (its length in front, 16 bits) and the counters of its recording.
  case counters
  /// The ELF of an artefact.
  case artefact
  /// Changes of single words in the tables of a sound artefact: see ``ArtefactEdits``.
  case tables
  /// The contents of an artefact's deopt table.
  case frameStates = "frame-states"

  /// - Returns: whether the bytes were taken.
  @discardableResult
  public func read(_ bytes: [UInt8]) -> Bool {
    switch self {
    case .module: Self.module(bytes)
    case .profile: Self.profile(Self.sealedProfile(bytes))
    case .counters: Self.profile(Self.countersFile(bytes))
    case .artefact: Self.artefact(ArtefactSurgery(elf: bytes).sealed())
    case .tables: ArtefactEdits.read(bytes)
    case .frameStates: Self.frameStates(bytes)
    }
  }

  // MARK: Modules

  private static func module(_ bytes: [UInt8]) -> Bool {
    guard let module = valid(bytes) else { return false }
    let layout = ContextLayout(module)
    let feedback = FeedbackLayout(module)
    for index in module.functions.indices {
      _ = module.functionName(index)
      guard index >= module.importedFunctionCount else { continue }
      _ = module.bodyHash(function: index)
      _ = try? BaselineCompiler.compile(
        module, function: index, layout: layout, options: BaselineOptions(feedback: feedback))
    }
    return true
  }

  private static func valid(_ bytes: [UInt8]) -> Module? {
    do throws(WasmError) {
      return try Module(validating: bytes)
    } catch {
      precondition(
        error.offset >= 0 && error.offset <= bytes.count, "error is outside of the file")
      return nil
    }
  }

  // MARK: Profiles

  private static func profile(_ bytes: [UInt8]) -> Bool {
    guard let file = try? ProfileFile(reading: bytes) else { return false }
    // Equal profiles have equal bytes, and reading loses nothing.
    let encoded = file.encode()
    let again = try? ProfileFile(reading: encoded)
    precondition(again == file, "a profile is not what was written")
    _ = file.describe(limit: 10)
    let twice = file.merged(with: file)
    precondition(twice.functions.count == file.functions.count, "merging loses functions")
    _ = file.match(Base.shared.module)
    var sum = ProfileSum()
    for bytes in [bytes, encoded] {
      do throws(ProfileError) { try sum.add(bytes) } catch { preconditionFailure("\(error)") }
    }
    precondition(sum.encode() == twice.encode(), "sums differ")
    _ = file.trimmed(to: 50, isSparse: true)
    precondition(ProfileComparison(file, twice).overlap <= 1, "more than all overlaps")
    return true
  }

  private static func sealedProfile(_ contents: [UInt8]) -> [UInt8] {
    var writer = ArtefactWriter()
    writer.raw(ProfileFile().encode()[..<16])  // magic and version
    writer.integer(UInt64(contents.count))
    writer.integer(StableHash.of(contents))
    writer.raw(contents)
    return writer.bytes
  }

  /// Counters are cut or filled to the size that the module's should have.
  private static func countersFile(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count >= 2 else { return bytes }
    let length = min(Int(bytes[0]) | Int(bytes[1]) << 8, bytes.count - 2)
    let module = Array(bytes[2..<2 + length])
    var counters = Array(bytes[(2 + length)...])
    if let module = valid(module) {
      let size = FeedbackLayout(module).size
      // A module of this size that asked for more would be a finding: the file is as large.
      precondition(size <= 64 * bytes.count + 64, "counters are out of proportion")
      counters = Array(counters.prefix(size))
      counters += Array(repeating: 0, count: size - counters.count)
    }
    let start = (72 + length + 4095) & ~4095
    var writer = ArtefactWriter()
    writer.raw("WPGOCNT1".utf8)
    writer.integer(CountersFile.version)
    writer.integer(UInt32(0))
    writer.integer(UInt64(72))
    writer.integer(UInt64(length))
    writer.integer(StableHash.of(module))
    writer.integer(UInt64(start))
    writer.integer(UInt64(counters.count))
    writer.integer(StableHash.of(writer.bytes))
    writer.integer(UInt64(1))
    writer.raw(module)
    writer.align(4096)
    writer.raw(counters.isEmpty ? [0] : counters)
    writer.align(4096)
    return writer.bytes
  }

  // MARK: Artefacts

  private static func artefact(_ bytes: [UInt8]) -> Bool {
    guard let artefact = try? Artefact(bytes: bytes) else { return false }
    ask(artefact)
    do { try artefact.check() } catch { return false }
    read(artefact.deopts)
    var forcing = GuardForcing()
    forcing.period = 1
    _ = try? Artefact(bytes: bytes, forcing: forcing)
    return true
  }

  /// What a run and its backtraces ask of an artefact that was loaded, and not checked further.
  static func ask(_ artefact: Artefact) {
    for offset in stride(from: 0, to: artefact.textSize, by: max(1, artefact.textSize / 50)) {
      _ = artefact.places(address: artefact.textAddress + UInt(offset))
    }
    for function in artefact.module.functions.indices
    where function >= artefact.module.importedFunctionCount {
      _ = artefact.entryAddress(function: function)
      _ = artefact.genericAddress(function: function)
      _ = artefact.loopRows(function: function)
      _ = artefact.referenceAddress(function: function)
      _ = artefact.baselineCode(function: function)
    }
    _ = artefact.lazyFunctions
    ask(artefact.tables, textSize: artefact.textSize)
    _ = try? artefact.siteReport()
    _ = try? artefact.guardTests()
  }

  /// Of the tables alone.
  static func ask(_ tables: ArtefactTables, textSize: Int) {
    for offset in stride(from: 0, to: textSize, by: max(1, textSize / 50)) {
      if let baseline = tables.baseline.row(containing: offset) {
        precondition(
          tables.baseline.row(function: Int(baseline.row.function))?.row == baseline.row,
          "baseline code is not found")
        _ = baseline.byteOffset(at: offset - Int(baseline.row.code))
        _ = baseline.frameSize
      }
      _ = tables.locations.locate(fault: offset).map(tables.places)
      guard let location = tables.locations.locate(offset) else { continue }
      _ = tables.places(location)
      let place = tables.trapPlace(speculative: location)
      _ = tables.location(of: TrapPlace(raw: place.raw)).map(tables.places)
    }
  }

  private static func frameStates(_ bytes: [UInt8]) -> Bool {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    let base = Base.shared.artefact
    guard let table = try? DeoptTable(decoding: UnsafeRawBufferPointer(copy)) else { return false }
    let chains = InlineChains(base.code.inlineNodes, of: base.module)
    for point in table.points {
      try? table.check(point, textSize: base.textSize, chains: chains)
    }
    do {
      try table.check(textSize: base.textSize, chains: chains)
    } catch {
      return false
    }
    // The deopt points' own order, which the loader wants.
    _ = try? table.frameExtents()
    read(table)
    return true
  }

  /// What the deoptimizer does with each checked point.
  static func read(_ table: DeoptTable) {
    for point in table.points {
      precondition(table.point(at: Int(point.codeOffset)) == point, "a point is not found")
      let slots = table.frameState(Int(point.state)).slotCount
      precondition(
        slots == Int(table.states[Int(point.state)].slotCount), "a state's size does not match")
      for slot in 0..<slots { _ = table.location(Int(point.firstLocation) + slot) }
      _ = table.guards[Int(point.guardNumber)]
    }
  }
}

extension Reader {
  /// A sound program that all others are made from.
  final class Base: Sendable {
    static let shared = Base()

    let module: Module
    let artefact: Artefact
    /// A `.so` and a `.o`.
    let artefacts: [[UInt8]]
    /// Of a run of it.
    let counters: [UInt8]

    private init() {
      // A failure here shows before anything else can.
      let cases = [true, false].map {
        try! DeoptCase(
          Base.text, [.init("run", 0, "mix", "apply"), .init("apply", 0, "add")],
          kind: .init(isShared: $0))
      }
      module = cases[0].module
      artefacts = cases.map(\.artefactBytes)
      artefact = try! Artefact(bytes: artefacts[0])
      counters = try! Base.record(module)
    }

    private static func record(_ module: Module) throws -> [UInt8] {
      let recording = CompiledModule(recorder: Recorder(module))
      let linker = Linker(try Store())
      try linker.defineFunction("env", "tick", FunctionType([], [])) { _ in }
      let instance = try linker.instantiate(recording)
      _ = try instance.exportedFunction("run")?.call([.i32(9), .i64(5)])
      // The store's own block, of the size that the layout says.
      return Array(
        UnsafeRawBufferPointer(
          start: instance.counters, count: recording.recorder?.layout.size ?? 0))
    }

    /// Guards within guards, all value types, an OSR entry, a dispatch table.
    static let text = """
      (module $sample
        (import "env" "tick" (func $tick))
        (type $op (func (param i32 i64) (result i64)))
        (table $t 4 8 funcref)
        (memory (export "memory") 1 2)
        (global $g (export "g") (mut i64) (i64.const 7))
        (elem (i32.const 0) $add $mix $apply)
        (elem declare func $tick)
        (data (i32.const 16) "some data, and more of it")
        (func $add (export "add") (type $op)
          (i64.add (local.get 1) (i64.load8_u (i32.and (local.get 0) (i32.const 63)))))
        (func $mix (export "mix") (type $op) (local f64 f32 funcref)
          (local.set 2 (f64.convert_i64_s (local.get 1)))
          (local.set 3 (f32.demote_f64 (local.get 2)))
          (local.set 4 (ref.func $tick))
          (block (br_table 0 0 0 (local.get 0)))
          (if (result i64) (f64.lt (local.get 2) (f64.promote_f32 (local.get 3)))
            (then (i64.mul (local.get 1) (i64.const 31)))
            (else (i64.shr_u (local.get 1) (i64.const 3)))))
        (func $apply (export "apply") (param $which i32) (param $x i64) (result i64)
          (i64.add (local.get $x)
            (call_indirect (type $op) (local.get $which) (local.get $x) (i32.const 0))))
        (func (export "run") (param $n i32) (param $x i64) (result i64) (local $f f64)
          (loop $top
            (call $tick)
            (local.set $f (f64.sqrt (f64.convert_i32_s (local.get $n))))
            (local.set $x
              (i64.xor (global.get $g)
                (call_indirect (type $op)
                  (local.get $n) (local.get $x) (i32.rem_u (local.get $n) (i32.const 3)))))
            (if (f64.lt (local.get $f) (f64.const 3)) (then (call $tick)))
            (br_if $top (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
          (local.get $x)))
      """
  }

  /// Inputs to start from.
  public var seeds: [[UInt8]] {
    let module = Base.shared.module
    switch self {
    case .module: return [module.bytes]
    case .profile: return [Self.recorded.encode().dropFirst(32)].map(Array.init)
    case .counters:
      let length = module.bytes.count
      return [[UInt8(length & 0xFF), UInt8(length >> 8)] + module.bytes + Base.shared.counters]
    // Sound: made by our compiler.
    case .artefact: return Base.shared.artefacts.map { try! ArtefactSurgery($0).elf }
    case .tables: return [ArtefactEdits.seed]
    case .frameStates:
      let surgery = try! ArtefactSurgery(Base.shared.artefacts[0])
      return surgery.contents(.deopt).map { [Array(surgery.elf[$0])] } ?? []
    }
  }

  private static var recorded: ProfileFile {
    let module = Base.shared.module
    // Sound: counted by our baseline code.
    return Base.shared.counters.withUnsafeBytes {
      try! ProfileFile(
        module: module, layout: FeedbackLayout(module), blocks: [CounterBlock($0)])
    }
  }
}
