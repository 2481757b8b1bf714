import CLLVM
import Contract
import X64

/// A value of the `--cpu` option.
public enum CPUChoice: Sendable, Equatable {
  /// The CPU of the compiling machine.
  case native
  /// A micro-architecture level of the x86-64 psABI: "x86-64-v3".
  case level(String)

  /// - Returns: nil for a name that is neither.
  public init?(_ name: String) {
    if name == "native" {
      self = .native
    } else if name != Machine.lowestLevel, CPUFeature.levels[name] != nil {
      self = .level(name)
    } else {
      return nil
    }
  }

  /// The names that `--cpu` accepts.
  public static let names =
    ["native"] + CPUFeature.levels.keys.filter { $0 != Machine.lowestLevel }.sorted()

  /// The CPU and feature strings for LLVM, and the instruction set extensions that the code then requires.
  func resolve() -> (cpu: String, features: String, required: [CPUFeature]) {
    switch self {
    case .level(let name):
      return (name, "", CPUFeature.levels[name] ?? [])
    case .native:
      let cpu = take(LLVMGetHostCPUName())
      let features = take(LLVMGetHostCPUFeatures())
      let present = Set(
        features.split(separator: ",").filter { $0.hasPrefix("+") }.map { String($0.dropFirst()) })
      return (cpu, features, CPUFeature.allCases.filter { present.contains($0.rawValue) })
    }
  }

  private func take(_ message: UnsafeMutablePointer<CChar>?) -> String {
    guard let message else { return "" }
    defer { LLVMDisposeMessage(message) }
    return String(cString: message)
  }
}
