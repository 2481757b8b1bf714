import Contract

/// One baseline frame of a ``StatePlan``, everything known in advance.
struct FramePlan {
  /// Address of the code at its ``ResumePoint``.
  var resume: UInt64
  /// Bytes from rsp to rbp.
  var frameSize: Int
  /// Of its ``SlotLayout``.
  var slotSize: Int
  /// Locals and operands whose homes are filled.
  var slotCount: Int
}

/// What a frame state comes to in baseline frames. Made when the state is first needed, since that
/// compiles the functions' baseline code; used as it is from then on.
struct StatePlan {
  /// Outermost first. Null until made.
  var frames: UnsafeMutablePointer<FramePlan>?
  var frameCount: Int
  /// From the return address of the optimized frame (exclusive) down to the innermost frame's rsp.
  var imageWords: Int
  /// Which slots of the frames, counted through all of them, are of type funcref.
  var references: UnsafeMutablePointer<Int>?
  var referenceCount: Int
  /// The function whose speculation failed, counted from the first that the module defines.
  var budgetRow: Int
  /// What the loader took for the size of the optimized frame when it looked at locations in there.
  var frameSize: UInt64
}

/// The tables of a deoptimizer that its handler reads and writes; their sizes never change, so that a deopt
/// neither allocates nor locks. All memory belongs to the ``Deoptimizer`` that made it.
struct DeoptimizerState {
  var textAddress: UInt64
  var points: ArtefactTable<DeoptPoint>
  var locations: ArtefactTable<PackedLocation>
  var constants: ArtefactTable<PooledConstant>
  /// By frame state.
  var plans: UnsafeMutablePointer<StatePlan>
  /// By guard number.
  var guardCounts: UnsafeMutablePointer<UInt64>
  /// By defined function.
  var functionCounts: UnsafeMutablePointer<UInt64>
  /// Deopts of a function at which its entry becomes the generic version; all ones for never.
  var budget: UInt64
  /// As the context has them; fixed.
  var stackLimit: UInt64
  var stackTop: UInt64
  var memoryBase: UInt64
  /// The largest image that any state seen so far needs.
  var image: UnsafeMutablePointer<UInt64>
  var imageCapacity: Int
}

extension PackedLocation {
  /// Reads a value as the optimized code left it. The low bytes count; what lies above an i32 or f32 is
  /// whatever was there.
  /// - Parameter saved: a ``CaptureArea`` of a frame that is still alive.
  @inline(__always)
  func read(_ saved: UnsafeRawPointer, _ constants: ArtefactTable<PooledConstant>) -> UInt64 {
    let payload = Int(payload)
    switch kind {
    case Kind.saved.rawValue:
      // In bounds and aligned: checked when the artefact was loaded.
      return saved.load(fromByteOffset: payload, as: UInt64.self)
    case Kind.stackPointer.rawValue:
      return Self.load(saved, CaptureArea.stackPointer, payload)
    case Kind.framePointer.rawValue:
      return Self.load(saved, CaptureArea.framePointer, payload)
    case Kind.constant.rawValue: return UInt64(bitPattern: Int64(payload))
    case Kind.pooled.rawValue: return constants[payload].value
    default: return 0
    }
  }

  /// A spill slot, in the frame, which is alive: the loader saw to it that no location is beyond `FunctionCode.frameSize`, and the
  /// deoptimizer that the frame has that size.
  @inline(__always)
  private static func load(_ saved: UnsafeRawPointer, _ register: Int, _ offset: Int) -> UInt64 {
    let base = saved.load(fromByteOffset: register, as: UnsafeRawPointer.self)
    return base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }
}
