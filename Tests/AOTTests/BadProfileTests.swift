import Feedback
import Files
import Glibc
import Runtime
import Speculation
import TestSupport
import Testing
import Wasm

@testable import AOT

/// Damaged profiles: an error; or, of the counters that a killed recording leaves (nothing protects them, as they change
/// all the time), a profile, from which any plan is a sound one.
@Suite struct BadProfileTests {
  private let program: DeoptCase
  private let compact: [UInt8]
  private let counters: [UInt8]

  init() throws {
    program = try DeoptCase(DeoptPrograms.nested, DeoptPrograms.nestedSites)
    let path = "/tmp/wasm-pgo-bad-profile-test.\(getpid()).\(UInt64.random(in: 0 ... .max))"
    defer { unlink(path) }
    let recorder = Recorder(program.module, path: HostString(path))
    let store = try Store()
    let instance = try Linker(store).instantiate(CompiledModule(recorder: recorder))
    for _ in 0..<3 { _ = try instance.exportedFunction("run")?.call(Self.arguments(0)) }
    counters = try Self.read(path)
    compact = try recorder.profile().encode()
  }

  private static func arguments(_ bits: Int32) -> [Value] {
    [.i32(bits), .i64(77), .f32(2.5), .f64(-1.75)]
  }

  private static func read(_ path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
  }

  @Test func soundOnesAreRead() throws {
    let profile = try ProfileFile(reading: compact)
    #expect(try ProfileFile(reading: counters) == profile)
    #expect(profile.match(program.module).functions.count >= 5)
  }

  @Test func truncations() {
    for bytes in [compact, counters] {
      for count in bytes.indices {
        #expect(throws: ProfileError.self, "\(count) bytes") {
          try ProfileFile(reading: Array(bytes[..<count]))
        }
      }
    }
  }

  @Test func flippedBitsOfCompactProfiles() {
    var random = TestRandom(seed: 4)
    for _ in 0..<2000 {
      var bytes = compact
      let bit = Int.random(in: 0..<8 * bytes.count, using: &random)
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: ProfileError.self, "bit \(bit)") { try ProfileFile(reading: bytes) }
    }
  }

  @Test func flippedBitsOfCounters() throws {
    var random = TestRandom(seed: 5)
    let expected = try outcomes(program.baseline)
    let firstCounter = 4096
    var readable = 0
    for _ in 0..<2000 {
      var bytes = counters
      let bit = Int.random(in: 0..<8 * bytes.count, using: &random)
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      guard let file = try? ProfileFile(reading: bytes) else { continue }
      readable += 1
      // Whatever else is in the file is checked.
      #expect(bit / 8 >= firstCounter, "bit \(bit)")
      let profile = file.match(program.module)
      let plan = Planner.plan(module: program.module, profile: profile, options: .thorough)
        .inTiers(level: 1)
      #expect(PlanChecker.problems(in: plan, of: program.module) == [], "bit \(bit)")
      guard readable % 16 == 0 else { continue }
      let artefact = try Compiler.compile(
        program.module, plan: plan, profile: profile,
        options: CompilerOptions(usesProcesses: false))
      let module = CompiledModule(artefact: try Artefact(bytes: artefact))
      #expect(try outcomes(module) == expected, "bit \(bit)")
    }
    #expect(readable > 100)
  }

  private func outcomes(_ module: CompiledModule) throws -> [DeoptCase.Outcome] {
    try DeoptComparison.run(module, (0..<16).map { ("run", Self.arguments($0)) }).outcomes
  }
}
