import Contract

/// One baseline frame of a ``StatePlan``. Everything in it is precomputed.
struct FramePlan {
  /// Address of the code at its ``ResumePoint``.
  var resume: UInt64
  /// The distance from rsp to rbp.
  var frameSize: Int
  /// The slot size of its ``SlotLayout``.
  var slotSize: Int
  /// The number of locals and operands to fill in.
  var slotCount: Int
}

/// The baseline frames of a frame state. Created when the state is first needed, since that may compile the functions' baseline
/// code. Does not change afterwards.
struct StatePlan {
  /// Outermost first. Null until created.
  var frames: UnsafeMutablePointer<FramePlan>?
  var frameCount: Int
  /// Distance from the optimized frame's return address (exclusive) down to the innermost frame's rsp.
  var imageWords: Int
  /// The numbers of the state's slots that have type funcref.
  var references: UnsafeMutablePointer<Int>?
  var referenceCount: Int
  /// The function whose speculation failed, as an index among the functions that the module defines.
  var budgetRow: Int
  /// The optimized frame's minimum size, which the loader assumed when it checked locations in the frame.
  var frameSize: UInt64
}

/// The tables that a deoptimizer's handler reads and writes. Their sizes do not change, so that a deopt neither allocates nor
/// locks. The ``Deoptimizer`` that created them owns all memory.
struct DeoptimizerState {
  var textAddress: UInt64
  var points: ArtefactTable<DeoptPoint>
  var locations: ArtefactTable<PackedLocation>
  var constants: ArtefactTable<PooledConstant>
  /// By point: whether it was checked.
  var isChecked: UnsafeMutablePointer<Bool>
  /// By frame state.
  var plans: UnsafeMutablePointer<StatePlan>
  /// By guard number.
  var guardCounts: UnsafeMutablePointer<UInt64>
  /// By defined function.
  var functionCounts: UnsafeMutablePointer<UInt64>
  /// The number of deopts after which a function's entry becomes the generic version; all ones: never.
  var budget: UInt64
  /// Fixed values of the context and of the store's stack.
  var stackLimit: UInt64
  var stackTop: UInt64
  var memoryBase: UInt64
  /// Has room for the largest image that any state so far needs.
  var image: UnsafeMutablePointer<UInt64>
  var imageCapacity: Int
}

extension PackedLocation {
  /// Reads a value as the optimized code left it. Only the low bytes are significant: the bytes above an i32 or f32 are
  /// undefined.
  /// - Parameter saved: the ``CaptureArea`` of a frame that is still live.
  @inline(__always)
  func read(_ saved: UnsafeRawPointer, _ constants: ArtefactTable<PooledConstant>) -> UInt64 {
    let payload = Int(payload)
    switch place {
    case Kind.saved.rawValue:
      // In bounds and aligned: checked with the point.
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

  /// Reads the upper half of a v128. It is 0 where ``read(_:_:)`` reads all there is.
  @inline(__always)
  func readHigh(_ saved: UnsafeRawPointer) -> UInt64 {
    guard isVector else { return 0 }
    let payload = Int(payload) + 8
    // A location of 16 bytes was checked to have these.
    switch place {
    case Kind.saved.rawValue: return saved.load(fromByteOffset: payload, as: UInt64.self)
    case Kind.stackPointer.rawValue:
      return Self.load(saved, CaptureArea.stackPointer, payload)
    case Kind.framePointer.rawValue:
      return Self.load(saved, CaptureArea.framePointer, payload)
    default: return 0
    }
  }

  /// Reads a spill slot of the live frame. The check of the point found that no location lies outside `FunctionCode.frameSize`, and the
  /// deoptimizer checked that the frame has that size.
  @inline(__always)
  private static func load(_ saved: UnsafeRawPointer, _ register: Int, _ offset: Int) -> UInt64 {
    let base = saved.load(fromByteOffset: register, as: UnsafeRawPointer.self)
    return base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }
}
