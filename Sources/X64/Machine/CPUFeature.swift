/// Instruction set extensions that LLVM may use in our code, by LLVM's names, with where `cpuid` reports
/// them (Intel SDM volume 2, CPUID; AMD APM volume 3, appendix E).
public enum CPUFeature: String, Sendable, CaseIterable {
  case cmov, cx8, sse, sse2, sse3, ssse3, fma, cx16, movbe, popcnt, avx, f16c
  case sse41 = "sse4.1"
  case sse42 = "sse4.2"
  case bmi, avx2, bmi2, avx512f, avx512dq, avx512ifma, avx512cd, avx512bw, avx512vl
  case adx, avx512vbmi, avx512vbmi2, gfni, avx512vnni, avx512bitalg, avx512vpopcntdq
  case avx512vp2intersect, avx512fp16, avxvnni, avx512bf16, avxifma
  case sahf, lzcnt, sse4a, xop, fma4, tbm

  /// Where `cpuid` returns the bit.
  public enum Register: Int, Sendable { case eax = 0, ebx, ecx, edx }

  /// State that the operating system must save for it (bits of XCR0).
  public enum State: UInt64, Sendable {
    case none = 0
    case ymm = 0x06
    case zmm = 0xE6
  }

  /// The `cpuid` leaf, subleaf, register and bit that report it, and the state it needs.
  public var place: (leaf: UInt32, subleaf: UInt32, register: Register, bit: Int, state: State) {
    switch self {
    case .cx8: (1, 0, .edx, 8, .none)
    case .cmov: (1, 0, .edx, 15, .none)
    case .sse: (1, 0, .edx, 25, .none)
    case .sse2: (1, 0, .edx, 26, .none)
    case .sse3: (1, 0, .ecx, 0, .none)
    case .ssse3: (1, 0, .ecx, 9, .none)
    case .fma: (1, 0, .ecx, 12, .ymm)
    case .cx16: (1, 0, .ecx, 13, .none)
    case .sse41: (1, 0, .ecx, 19, .none)
    case .sse42: (1, 0, .ecx, 20, .none)
    case .movbe: (1, 0, .ecx, 22, .none)
    case .popcnt: (1, 0, .ecx, 23, .none)
    case .avx: (1, 0, .ecx, 28, .ymm)
    case .f16c: (1, 0, .ecx, 29, .ymm)
    case .bmi: (7, 0, .ebx, 3, .none)
    case .avx2: (7, 0, .ebx, 5, .ymm)
    case .bmi2: (7, 0, .ebx, 8, .none)
    case .avx512f: (7, 0, .ebx, 16, .zmm)
    case .avx512dq: (7, 0, .ebx, 17, .zmm)
    case .adx: (7, 0, .ebx, 19, .none)
    case .avx512ifma: (7, 0, .ebx, 21, .zmm)
    case .avx512cd: (7, 0, .ebx, 28, .zmm)
    case .avx512bw: (7, 0, .ebx, 30, .zmm)
    case .avx512vl: (7, 0, .ebx, 31, .zmm)
    case .avx512vbmi: (7, 0, .ecx, 1, .zmm)
    case .avx512vbmi2: (7, 0, .ecx, 6, .zmm)
    case .gfni: (7, 0, .ecx, 8, .none)
    case .avx512vnni: (7, 0, .ecx, 11, .zmm)
    case .avx512bitalg: (7, 0, .ecx, 12, .zmm)
    case .avx512vpopcntdq: (7, 0, .ecx, 14, .zmm)
    case .avx512vp2intersect: (7, 0, .edx, 8, .zmm)
    case .avx512fp16: (7, 0, .edx, 23, .zmm)
    case .avxvnni: (7, 1, .eax, 4, .ymm)
    case .avx512bf16: (7, 1, .eax, 5, .zmm)
    case .avxifma: (7, 1, .eax, 23, .ymm)
    case .sahf: (0x8000_0001, 0, .ecx, 0, .none)
    case .lzcnt: (0x8000_0001, 0, .ecx, 5, .none)
    case .sse4a: (0x8000_0001, 0, .ecx, 6, .none)
    case .xop: (0x8000_0001, 0, .ecx, 11, .ymm)
    case .fma4: (0x8000_0001, 0, .ecx, 16, .ymm)
    case .tbm: (0x8000_0001, 0, .ecx, 21, .none)
    }
  }

  /// The x86-64 psABI's micro-architecture levels (x86-64 psABI 1.0, table 3.1).
  public static let levels: [String: [CPUFeature]] = {
    let v1: [CPUFeature] = [.cmov, .cx8, .sse, .sse2]
    let v2 = v1 + [.cx16, .sahf, .popcnt, .sse3, .sse41, .sse42, .ssse3]
    let v3 = v2 + [.avx, .avx2, .bmi, .bmi2, .f16c, .fma, .lzcnt, .movbe]
    let v4 = v3 + [.avx512f, .avx512bw, .avx512cd, .avx512dq, .avx512vl]
    return ["x86-64": v1, "x86-64-v2": v2, "x86-64-v3": v3, "x86-64-v4": v4]
  }()
}
