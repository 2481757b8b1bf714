import Wasm

/// Where a baseline frame goes on.
public struct ResumePoint: Hashable, Sendable {
  /// The side of the instruction.
  public enum Position: UInt32, Sendable {
    /// The instruction is executed; its operands are on the frame's operand stack.
    case before = 0
    /// Its callee returns to the frame, which does not have its operands any more.
    case after = 1
  }

  /// Of a call: bytes from the start of the module to its opcode.
  public var byteOffset: UInt32
  /// Before or after it.
  public var position: Position

  /// A side of the instruction at a byte offset.
  public init(_ position: Position, _ byteOffset: UInt32) {
    self.byteOffset = byteOffset
    self.position = position
  }
}

/// The baseline frames that optimized code stands for at one of its places, outermost first: each was inlined into the one in
/// front of it, at that one's call.
///
/// The only form of it, from translation to deoptimization. ``DeoptTable`` holds many, with what they have in common once.
public struct FrameState: Hashable, Sendable {
  /// One baseline frame.
  public struct Frame: Hashable, Sendable {
    /// Inlining node. While a partition is compiled, within the tree of its function's version with deopts; in an artefact, within
    /// ``CodeTables/inlineNodes``.
    public var node: UInt32
    /// Where it goes on.
    public var resume: ResumePoint
    /// How its locals are held, parameters first.
    public var locals: [Representation]
    /// How its operands are held, from the bottom.
    public var operands: [Representation]

    /// A frame that goes on at `resume`.
    public init(
      node: UInt32, resume: ResumePoint, locals: [Representation], operands: [Representation]
    ) {
      self.node = node
      self.resume = resume
      self.locals = locals
      self.operands = operands
    }

    /// Locals and operands.
    public var slotCount: Int { locals.count + operands.count }
  }

  /// Outermost first.
  public var frames: [Frame]

  /// A state of these frames, outermost first.
  public init(frames: [Frame]) { self.frames = frames }

  /// Values of all frames: of each its locals, then its operands.
  public var slotCount: Int { frames.reduce(0) { $0 + $1.slotCount } }

  /// The same state with all nodes counted from another number.
  public func renumbered(from base: Int) -> FrameState {
    var result = self
    for index in frames.indices { result.frames[index].node += UInt32(base) }
    return result
  }

  // MARK: As bytes

  /// Writes it for ``init(decoding:)``.
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

  /// A frame.
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
