import Contract
import Wasm

// This folder: how wasm code ends early.
//
//   Trap             what the host gets
//   Interruption     timeouts, and interruption by another thread
//   Errors           linking and resources

/// Wasm code trapped (spec 4.1). The instance can be called again.
public struct Trap: Error, CustomStringConvertible {
  /// The reason.
  public let code: TrapCode
  /// Active wasm functions, innermost first; at most ``maximumFrameCount``.
  public let frames: [Frame]

  /// What a host function says of its own trap (code `hostError`); nil for wasm's reasons.
  public let hostMessage: String?

  /// Further frames are left out: exhausted stacks have hundreds of thousands.
  public static let maximumFrameCount = 100

  /// A trap; host functions throw it without frames, which the runtime adds.
  public init(_ code: TrapCode, frames: [Frame] = []) {
    self.init(code, hostMessage: nil, frames: frames)
  }

  /// A trap of a host function for a reason of its own.
  public init(host message: String) { self.init(.hostError, hostMessage: message, frames: []) }

  init(_ code: TrapCode, hostMessage: String?, frames: [Frame]) {
    self.code = code
    self.hostMessage = hostMessage
    self.frames = frames
  }

  /// The wording of the specification's test suite, or what the host function said.
  public var message: String { hostMessage ?? code.message }

  public var description: String { "trap: \(message)" + frameLines }

  /// A newline and a line for each frame.
  public var frameLines: String { Self.lines(frames) }

  static func lines(_ frames: [Frame]) -> String {
    frames.enumerated().map { number, frame in "\n  \(number): \(frame)" }.joined()
  }

  /// The compiler of a frame's code.
  public enum Tier: String, Sendable {
    case baseline
    case optimized
  }

  /// One active wasm function.
  public struct Frame: Sendable, Equatable, CustomStringConvertible {
    /// Index in its module's function index space.
    public let function: Int
    /// From the name section, else an export's; nil without either.
    public let name: String?
    /// Bytes from the start of the module to the instruction that trapped, or to the active call.
    public let byteOffset: Int
    /// The same from the start of the function's code entry, its local declarations.
    public let functionOffset: Int
    /// How the code of this frame was compiled.
    public let tier: Tier
    /// Whether the function was inlined into the next frame's.
    public let isInlined: Bool

    /// What mapped the code of this frame to a place: see ``Store/instance(of:)``.
    package let code: ObjectIdentifier

    init(
      _ module: Module, function: Int, byteOffset: Int, tier: Tier, isInlined: Bool,
      in map: any CodeMap
    ) {
      self.function = function
      name = module.functionName(function)
      self.byteOffset = byteOffset
      functionOffset = byteOffset - module.functions[function].code.lowerBound
      self.tier = tier
      self.isInlined = isInlined
      code = ObjectIdentifier(map)
    }

    /// Whether both show the same place and code of the same kind; not whether it is the same piece of machine code.
    public static func == (a: Frame, b: Frame) -> Bool {
      (a.function, a.byteOffset, a.tier, a.isInlined) == (
        b.function, b.byteOffset, b.tier, b.isInlined
      )
        && a.name == b.name
    }

    public var description: String {
      let place = "0x" + String(byteOffset, radix: 16)
      return "\(name ?? "function \(function)") at \(place) (\(tier.rawValue)"
        + "\(isInlined ? ", inlined" : ""))"
    }
  }
}
