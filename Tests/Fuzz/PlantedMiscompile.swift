import AOT

/// Faults that the compiler once had, put back while it compiles, to see that loops at the end of memory find them.
enum PlantedMiscompile: String, Sendable, CaseIterable {
  /// The check in front of a loop does not count an access's constant offset.
  case forgottenOffset = "offset"
  /// A load that decides inside of a loop is made in front of it, before effects of the loop.
  case speculatedLoad = "speculation"
  /// Vectorized stores of the iterations before the one that traps are not made.
  case lostStores = "stores"

  func plant(in options: inout CompilerOptions) {}
}
