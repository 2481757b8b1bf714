import Contract

// This folder: how wasm code ends early.
//
//   Trap             what the host gets
//   Interruption     timeouts, and interruption by another thread
//   Errors           linking and resources

/// Wasm code gave up (spec 4.1, "trap"). The instance can be called again.
public struct Trap: Error, CustomStringConvertible {
  public let code: TrapCode
  /// Wasm functions that were active, innermost first; at most ``maximumFrameCount``.
  public let frames: [Frame]

  /// Frames beyond these are left out: exhausted stacks have hundreds of thousands.
  public static let maximumFrameCount = 100

  public init(_ code: TrapCode, frames: [Frame] = []) {
    self.code = code
    self.frames = frames
  }

  /// The wording of the specification's test suite.
  public var message: String { code.message }

  public var description: String { "trap: \(message)" + frameLines }

  /// A line for each frame, behind a newline.
  public var frameLines: String {
    frames.enumerated().map { number, frame in "\n  \(number): \(frame)" }.joined()
  }

  /// How code of a frame was compiled.
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
    /// Bytes from the start of the module to the instruction that trapped, or to the call that is under way.
    public let byteOffset: Int
    public let tier: Tier
    /// Whether the function was inlined into that of the next frame.
    public let isInlined: Bool

    public init(function: Int, name: String?, byteOffset: Int, tier: Tier, isInlined: Bool) {
      self.function = function
      self.name = name
      self.byteOffset = byteOffset
      self.tier = tier
      self.isInlined = isInlined
    }

    public var description: String {
      let place = "0x" + String(byteOffset, radix: 16)
      return "\(name ?? "function \(function)") at \(place) (\(tier.rawValue)"
        + "\(isInlined ? ", inlined" : ""))"
    }
  }
}
