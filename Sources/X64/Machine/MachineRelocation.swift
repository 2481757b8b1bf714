/// The types of relocations that our objects have (psABI AMD64, table 4.9).
public enum MachineRelocation: UInt32, Sendable {
  case none = 0
  case absolute64 = 1
  case relative32 = 2
  /// As `relative32`: nothing of ours goes through a procedure linkage table.
  case linkage32 = 4
  /// Of 32-bit arithmetic, which wraps around.
  case absolute32 = 10
  case signed32 = 11
  case absolute8 = 14
  case relative64 = 24

  /// In assembly: a relocation that does nothing.
  public static let noneName = "R_X86_64_NONE"

  /// Bytes of the field.
  public var width: Int {
    switch self {
    case .none: 0
    case .absolute8: 1
    case .relative32, .linkage32, .absolute32, .signed32: 4
    case .absolute64, .relative64: 8
    }
  }

  /// Whether a constant of this value can stand in the field.
  public func holds(_ value: Int64) -> Bool {
    switch self {
    case .absolute64, .absolute32: true
    case .signed32: Int32(exactly: value) != nil
    case .absolute8: Int8(exactly: value) != nil
    case .none, .relative32, .linkage32, .relative64: false
    }
  }
}
