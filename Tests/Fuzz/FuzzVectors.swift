import Wasm

/// Values that are vectors, and numbers out of vectors. Which instructions there are, the rows of `Opcode` say.
///
/// A vector that anything may look at was made of integers, or by comparing. Floats in lanes are ``unseenVector(_:_:)``s: what they
/// compare to, and the integers that they are near, are all that is made of them, in lanes of one size.
extension FuzzGenerator {
  /// Instructions without memory, by what they take and give.
  private struct Instructions {
    /// Vectors from operands that may be seen.
    var seen: [OpcodeInfo] = []
    /// Vectors from floats, that may be seen: comparisons and conversions to integers.
    var near: [OpcodeInfo] = []
    /// Vectors with floats in them.
    var unseen: [FuzzKind: [OpcodeInfo]] = [:]
    /// Numbers from a vector that may be seen, by kind.
    var numbers: [FuzzKind: [OpcodeInfo]] = [:]
    var loads: [OpcodeInfo] = []
    var stores: [OpcodeInfo] = []

    init() {
      for info in Opcode.allCases.map(\.info) where [.simd, .relaxedSIMD].contains(info.feature) {
        guard info.opcode != .v128Const, let signature = info.signature else { continue }
        let isFloat = info.mnemonic.hasPrefix("f")
        let result = signature.results.first ?? nil
        switch info.immediate {
        case .memoryArgument, .memoryArgumentAndLane:
          if signature.results.isEmpty { stores.append(info) } else { loads.append(info) }
        case _ where result == .v128:
          let name = info.mnemonic.split(separator: ".").last ?? ""
          if ["eq", "ne", "lt", "le", "gt", "ge"].contains(name) && isFloat
            || name.contains("trunc_")
          {
            near.append(info)
          } else if isFloat {
            unseen[info.mnemonic.hasPrefix("f32x4") ? .f32 : .f64, default: []].append(info)
          } else {
            seen.append(info)
          }
        default:
          // Lanes that are floats: see `unseen(_:_:)`.
          if result == .i32 { numbers[.i32, default: []].append(info) }
          if result == .i64 { numbers[.i64, default: []].append(info) }
        }
      }
    }
  }
  private static let instructions = Instructions()

  private mutating func pick(_ infos: [OpcodeInfo]) -> OpcodeInfo {
    infos[number(0...infos.count - 1)]
  }

  /// An instruction with its immediates and operands.
  /// - Parameter vector: makes its operands that are vectors.
  private mutating func instruction(
    _ info: OpcodeInfo, _ depth: Int, vector: (inout Self, Int) -> String
  ) -> String {
    var text = "(" + info.mnemonic
    switch info.immediate {
    case .lane(let count): text += " \(number(0...count - 1))"
    case .memoryArgumentAndLane(let alignment): text += " \(number(0...16 / alignment - 1))"
    case .shuffle: for _ in 0..<16 { text += " \(shuffleLane())" }
    default: break
    }
    let isFloat = info.mnemonic.hasPrefix("f")
    for operand in info.signature?.operands ?? [] {
      text += " "
      switch operand {
      case .v128?: text += vector(&self, depth)
      case .i32?: text += expression(.i32, depth)
      case .i64?: text += expression(.i64, depth)
      case .f32?: text += isFloat ? unseen(.f32, depth) : expression(.f32, depth)
      case .f64?: text += isFloat ? unseen(.f64, depth) : expression(.f64, depth)
      default: text += address()
      }
    }
    return text + ")"
  }

  private mutating func seen(_ info: OpcodeInfo, _ depth: Int) -> String {
    instruction(info, depth) { $0.vector($1) }
  }

  /// With operands that are floats, or that are converted to floats.
  private mutating func unseen(_ info: OpcodeInfo, _ depth: Int) -> String {
    let parts = info.mnemonic.split(separator: ".", maxSplits: 1)
    if parts[1].hasPrefix("convert") { return seen(info, depth) }
    let kind: FuzzKind =
      (parts[1].contains("x") ? parts[1] : parts[0]).contains("f32x4") ? .f32 : .f64
    return instruction(info, depth) { $0.unseenVector(kind, $1) }
  }

  // MARK: Values

  mutating func vectorConstant() -> String {
    switch number(0...5) {
    case 0: return FuzzKind.v128.zero
    case 1: return "(v128.const i64x2 -1 -1)"
    // The same in all lanes.
    case 2:
      let lane = Int32(truncatingIfNeeded: random.next() >> UInt64(number(32...60)))
      return "(v128.const i32x4 \(lane) \(lane) \(lane) \(lane))"
    default:
      let halves = (0..<2).map { _ in Int64(bitPattern: random.next() >> UInt64(number(0...60))) }
      return "(v128.const i64x2 \(halves[0]) \(halves[1]))"
    }
  }

  /// Lanes of shuffles that the compiler knows a better instruction for come up by themselves only in runs.
  private mutating func shuffleLane() -> Int { chance(50) ? number(0...31) : number(0...3) }

  /// A vector whose bits may be seen.
  mutating func vector(_ depth: Int) -> String {
    guard depth > 0 else {
      switch number(0...3) {
      case 0: return vectorConstant()
      case 1: return "(global.get $gv128)"
      default: return local(.v128) ?? "(global.get $gv128)"
      }
    }
    switch number(0...11) {
    case 0, 1: return vector(0)
    case 2: return seen(pick(Self.instructions.loads), depth - 1)
    case 3:
      return "(select \(vector(depth - 1)) \(vector(depth - 1)) \(expression(.i32, depth - 1)))"
    case 4, 5: return unseen(pick(Self.instructions.near), depth - 1)
    default: return seen(pick(Self.instructions.seen), depth - 1)
    }
  }

  /// A vector of floats of a kind of which nobody sees the bits, as with ``unseen(_:_:)-(FuzzKind,_)``.
  mutating func unseenVector(_ kind: FuzzKind, _ depth: Int) -> String {
    guard depth > 0 else {
      switch number(0...5) {
      case 0:
        return kind == .f32
          ? "(v128.const f32x4 nan -inf -0 1.5)"
          : "(v128.const f64x2 -nan \(["inf", "-0", "1e300"][number(0...2)]))"
      case 1 where hasUnseenLocals, 2 where hasUnseenLocals:
        return "(local.get \(Self.unseenVectorLocal(kind)))"
      default: return vector(0)
      }
    }
    return chance(30)
      ? vector(depth) : unseen(pick(Self.instructions.unseen[kind] ?? []), depth - 1)
  }

  /// A local that only ``unseenVector(_:_:)`` of a kind reads.
  static func unseenVectorLocal(_ kind: FuzzKind) -> String { "$nan_\(kind.rawValue)_lanes" }

  /// Changes such a local.
  mutating func setUnseenVector() -> String {
    let kind: FuzzKind = chance(50) ? .f32 : .f64
    return "(local.set \(Self.unseenVectorLocal(kind)) \(unseenVector(kind, scale.depth)))\n"
  }

  /// A number out of a vector.
  mutating func scalar(_ kind: FuzzKind, _ depth: Int) -> String {
    seen(pick(Self.instructions.numbers[kind] ?? []), depth)
  }

  mutating func vectorStore() -> String {
    seen(pick(Self.instructions.stores), min(2, scale.depth)) + "\n"
  }

  // MARK: Into the hash

  /// The locals of a function that only vectors need.
  var vectorLocals: String {
    hasVectors
      ? ["$absorbed", Self.unseenVectorLocal(.f32), Self.unseenVectorLocal(.f64)].map {
        "(local \($0) v128)"
      }.joined(separator: " ") : ""
  }
  /// Makes an i64 of the top operand.
  static let absorbedVector = """
    (local.set $absorbed)
    (i64.xor (i64x2.extract_lane 0 (local.get $absorbed))
      (i64.rotl (i64x2.extract_lane 1 (local.get $absorbed)) (i64.const 23)))
    """
}
