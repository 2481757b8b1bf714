import Runtime
import TestSupport
import Testing
import Wasm

/// Frames that have handlers, and frames that exceptions leave, deoptimize: in the body of a try, in its handler, and in what the
/// body calls. Each case runs on the baseline and as an artefact.
@Suite struct ExceptionDeoptTests {
  /// Odd ones throw what the handler catches, 2 what it does not know, and with 8 the handler throws on.
  private static let inputs: [Int32] = [0, 1, 2, 5, 8, 9, -1]

  /// What `run` needs of another instance.
  private func define(
    _ program: ExceptionProgram, _ linker: Linker, _ provider: DeoptCase?
  ) throws {
    guard let provider else { return }
    let instance = try linker.instantiate(provider.artefact)
    for name in ["leaf", "e", "o"] {
      linker.define("env", name, try #require(instance.export(name)))
    }
  }

  @Test(arguments: ExceptionProgram.all) func matrix(program: ExceptionProgram) throws {
    let isBaseline = program.distance == .baseline
    let compiled = try DeoptCase(program.text, program.sites, baseline: isBaseline ? [6] : [])
    #expect(!isBaseline || compiled.module.function(exported: "run") == 6)
    var provider: DeoptCase?
    if program.distance == .instance {
      var other = program
      other.distance = .oneUp
      provider = try DeoptCase(other.text, other.sites)
    }
    for miss: Int32 in [0, 1, 2, 4, 8, 3, 6, 12, 15] {
      for x in Self.inputs {
        let result = try DeoptComparison(compiled, [("run", [.i32(miss), .i32(x)])]) { linker, _ in
          try define(program, linker, provider)
        }
        #expect(
          result.optimized.outcomes == result.baseline.outcomes, "miss \(miss), x \(x)")
        let deopts = result.statistics.deopts
        switch miss {
        case 0: #expect(deopts == 0)
        case 1: #expect(deopts == (isBaseline ? 0 : 1))
        case 2 where program.distance != .instance: #expect(deopts == 1)
        case 4 where x & 1 == 1: #expect(deopts == (isBaseline ? 0 : 1), "x \(x)")
        default: break
        }
      }
    }
  }
}
