import AOT

/// Faults that the compiler once had, put back while it compiles, to see that loops at the end of memory find them.
enum PlantedMiscompile: String, Sendable, CaseIterable {
  /// The check in front of a loop does not count an access's constant offset: traps are missing, and so are stores before them.
  case forgottenOffset = "offset"
  /// A load that decides inside of a loop is made in front of it, before effects of the loop.
  case speculatedLoad = "speculation"

  func plant(in options: inout CompilerOptions) {
    switch self {
    case .forgottenOffset: leaveOut("constantOffsets", &options)
    case .speculatedLoad: leaveOut("trappingProbes", &options)
    }
  }

  /// By name: without such a pass, the fault is not mended yet.
  private func leaveOut(_ pass: String, _ options: inout CompilerOptions) {
    if let pass = OwnPass(rawValue: pass) { options.leftOut.insert(pass) }
  }
}
