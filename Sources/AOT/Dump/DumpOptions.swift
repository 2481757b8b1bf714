import Glibc

// This folder: prints the stages of a compilation (`wasm-pgo compile --dump`, golden tests).
//
//   DumpOptions       the stages, in the order of the pipeline, and where their text goes
//   ModuleDump        stages that need no LLVM: plan, liveness, baseline code
//   PassDump          LLVM IR, whole or as the diff of one pass
//   Disassembly       machine code

/// What to print while a module is compiled.
public struct DumpOptions: Sendable {
  /// In the order of the pipeline.
  public enum Stage: String, Sendable, CaseIterable {
    case plan
    case liveness
    case baseline
    case translated
    case frameStates = "frame-states"
    case loopPredication = "loop-predication"
    case boundsChecks = "bounds-checks"
    case guardFolding = "guard-folding"
    case memoryChecks = "memory-checks"
    case dispatchDuplication = "dispatch-duplication"
    case optimized
    case probeLowering = "probe-lowering"
    case exitLowering = "exit-lowering"
    case lowered
    case code
    case guards

    /// A description of the printed text.
    public var summary: String {
      switch self {
      case .plan: "sites, targets, and why they are inlined or not"
      case .liveness: "the locals that each call keeps alive"
      case .baseline: "machine code of the baseline compiler"
      case .translated: "LLVM IR as translated"
      case .frameStates: "the baseline frames that each deopt point stands for"
      case .loopPredication, .boundsChecks, .guardFolding, .memoryChecks, .dispatchDuplication,
        .probeLowering, .exitLowering:
        "lines of LLVM IR that the pass changes"
      case .optimized: "LLVM IR after all optimizations"
      case .lowered: "LLVM IR for code generation"
      case .code: "optimized machine code"
      case .guards: "the compares in the code that guards rest on"
      }
    }

    /// All stages with their summaries, for help texts; stages with the same summary are grouped.
    public static var summaries: String {
      var parts: [(names: [String], summary: String)] = []
      for stage in allCases {
        if let known = parts.firstIndex(where: { $0.summary == stage.summary }) {
          parts[known].names.append(stage.rawValue)
        } else {
          parts.append(([stage.rawValue], stage.summary))
        }
      }
      return parts.map { "\($0.names.joined(separator: ", ")): \($0.summary)" }
        .joined(separator: "; ")
    }
  }

  /// The function to dump, in the function index space; nil: all functions that the module defines.
  public var function: Int?
  /// The stages to print.
  public var stages: Set<Stage>
  /// Receives the text of each stage of each function, terminated by a newline. The default writes to standard error.
  public var write: @Sendable (String) -> Void = writeToStandardError

  /// Dumps these stages of one function, or of all.
  public init(function: Int? = nil, stages: Set<Stage> = []) {
    self.function = function
    self.stages = stages
  }

  func includes(_ stage: Stage, _ function: Int) -> Bool {
    stages.contains(stage) && (self.function ?? function) == function
  }
}

private func writeToStandardError(_ text: String) {
  var bytes = ArraySlice(Array(text.utf8))
  while !bytes.isEmpty {
    // The slice's storage is valid during the call, which reads at most `count` bytes.
    let written = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
    guard written > 0 else { return }
    bytes = bytes.dropFirst(written)
  }
}
