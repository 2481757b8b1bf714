extension Register {
  /// In encodings, and in all tables of ours.
  @inlinable public var number: Int { Int(rawValue) }

  /// The lowest byte of the stack that is in use.
  public static var stackPointer: Register { .rsp }
  /// Of every function's frame: its caller's is there, the return address above.
  public static var framePointer: Register { .rbp }
}

/// A register as debug information and stack maps number them.
public enum DWARFRegister: Hashable, Sendable {
  case general(Register)
  /// xmm0 to xmm31.
  case vector(Int)

  /// psABI AMD64, figure 3.36. Nil for what holds no value of ours.
  public init?(_ number: Int) {
    let general: [Register] = [.rax, .rdx, .rcx, .rbx, .rsi, .rdi, .rbp, .rsp]
    switch number {
    case 0..<8: self = .general(general[number])
    case 8..<16: self = .general(Register.allCases[number])
    case 17..<33: self = .vector(number - 17)
    case 67..<83: self = .vector(number - 67 + 16)
    default: return nil
    }
  }
}

extension Register {
  /// As debug information numbers it.
  public var dwarfNumber: UInt8 {
    switch self {
    case .rax: 0
    case .rdx: 1
    case .rcx: 2
    case .rbx: 3
    case .rsi: 4
    case .rdi: 5
    case .rbp: 6
    case .rsp: 7
    default: rawValue
    }
  }

  /// The column of the return address in tables for unwinding.
  public static let dwarfReturnAddress: UInt8 = 16
}

/// How many registers there are to save.
public enum RegisterFile {
  /// General registers.
  public static let generalCount = 16
  /// With AVX-512; half of them without.
  public static let vectorCount = 32
  /// Of the part that values are in.
  public static let vectorSize = 16

  /// Name of a general register in text, by its number.
  public static func generalName(_ number: Int) -> String { "\(Register.allCases[number])" }
  /// Name of a vector register in text, by its number.
  public static func vectorName(_ number: Int) -> String { "xmm\(number)" }
}
