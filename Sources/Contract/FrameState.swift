import Wasm

/// Where a baseline frame resumes.
public struct ResumePoint: Hashable, Sendable {
  /// On which side of the instruction the frame resumes.
  public enum Position: UInt32, Sendable {
    /// Executes the instruction; its operands are on the frame's operand stack.
    case before = 0
    /// A callee returns to the frame; the instruction's operands are already popped.
    case after = 1
  }

  /// Byte offset in the module of the opcode of a call.
  public var byteOffset: UInt32
  /// Before or after the call.
  public var position: Position

  /// Creates the point on one side of the instruction at a byte offset.
  public init(_ position: Position, _ byteOffset: UInt32) {
    self.byteOffset = byteOffset
    self.position = position
  }
}

/// The baseline frames that optimized code represents at a deopt point, outermost first. Each was inlined into the previous
/// one, at that one's call.
///
/// The same type is used from translation to deoptimization. ``DeoptTable`` stores many states and shares their common parts.
public struct FrameState: Hashable, Sendable {
  /// One baseline frame.
  public struct Frame: Hashable, Sendable {
    /// Inlining node. While a partition is compiled, within the tree of its function's version with deopts; in an artefact, an
    /// index into ``CodeTables/inlineNodes``.
    public var node: UInt32
    /// Where it resumes.
    public var resume: ResumePoint
    /// The representations of its locals, parameters first.
    public var locals: [Representation]
    /// The representations of its operands, from the bottom.
    public var operands: [Representation]

    /// Creates a frame that resumes at `resume`.
    public init(
      node: UInt32, resume: ResumePoint, locals: [Representation], operands: [Representation]
    ) {
      self.node = node
      self.resume = resume
      self.locals = locals
      self.operands = operands
    }

    /// Number of locals and operands.
    public var slotCount: Int { locals.count + operands.count }
  }

  /// Outermost first.
  public var frames: [Frame]

  /// Creates a state of these frames, outermost first.
  public init(frames: [Frame]) { self.frames = frames }

  /// Number of values in all frames: for each frame its locals, then its operands.
  public var slotCount: Int { frames.reduce(0) { $0 + $1.slotCount } }

  /// The same state with its nodes offset by `base`.
  public func renumbered(from base: Int) -> FrameState {
    var result = self
    for index in frames.indices { result.frames[index].node += UInt32(base) }
    return result
  }

  // MARK: Encoding

  /// Encodes the state for ``init(decoding:)``.
  public func encode(to writer: inout ArtefactWriter) {
    writer.integer(UInt32(frames.count))
    for frame in frames {
      writer.integer(frame.node)
      writer.integer(frame.resume.byteOffset)
      writer.integer(frame.resume.position.rawValue)
      for slots in [frame.locals, frame.operands] {
        writer.integer(UInt32(slots.count))
        writer.raw(slots.map(\.rawValue))
      }
    }
  }

  /// Decodes a state.
  public init(decoding reader: inout ArtefactReader) throws(ArtefactError) {
    frames = []
    for _ in 0..<(try reader.count(minimumSize: 20)) {
      let node = try reader.integer(UInt32.self)
      let byteOffset = try reader.integer(UInt32.self)
      guard let position = ResumePoint.Position(rawValue: try reader.integer()) else {
        throw reader.error("not a place to resume at")
      }
      frames.append(
        Frame(
          node: node, resume: ResumePoint(position, byteOffset),
          locals: try Self.slots(&reader), operands: try Self.slots(&reader)))
    }
  }

  private static func slots(
    _ reader: inout ArtefactReader
  ) throws(ArtefactError) -> [Representation] {
    var slots: [Representation] = []
    for _ in 0..<(try reader.count(minimumSize: 1)) {
      guard let slot = Representation(rawValue: try reader.integer()) else {
        throw reader.error("not a value type")
      }
      slots.append(slot)
    }
    return slots
  }
}
