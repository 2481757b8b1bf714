/// A value of type v128 (spec 2.3.2): 16 bytes, which instructions take as lanes of one size. Lane 0 is in the lowest bytes.
public struct V128: Hashable, Sendable {
  /// Bytes 0 to 7.
  public var low: UInt64
  /// Bytes 8 to 15.
  public var high: UInt64

  /// A vector of two halves.
  @inlinable
  public init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  /// All bits 0.
  public static let zero = V128(low: 0, high: 0)

  /// A vector of integer lanes, lane 0 first.
  /// - Precondition: they have 128 bits together.
  public init<Lane: FixedWidthInteger>(_ lanes: [Lane]) {
    precondition(lanes.count * Lane.bitWidth == 128, "\(lanes.count) lanes of \(Lane.self)")
    self = .zero
    withUnsafeMutableBytes(of: &self) { bytes in
      for (index, lane) in lanes.enumerated() {
        bytes.storeBytes(
          of: lane.littleEndian, toByteOffset: index * MemoryLayout<Lane>.size, as: Lane.self)
      }
    }
  }

  /// A vector of four floats, lane 0 first.
  public init(_ lanes: [Float]) { self.init(lanes.map(\.bitPattern)) }
  /// A vector of two doubles, lane 0 first.
  public init(_ lanes: [Double]) { self.init(lanes.map(\.bitPattern)) }

  /// The integer lanes of a type, lane 0 first.
  public func lanes<Lane: FixedWidthInteger>(_ type: Lane.Type) -> [Lane] {
    withUnsafeBytes(of: self) { bytes in
      (0..<128 / Lane.bitWidth).map {
        Lane(
          littleEndian: bytes.load(fromByteOffset: $0 * MemoryLayout<Lane>.size, as: Lane.self))
      }
    }
  }

  /// The float lanes, lane 0 first.
  public func lanes(_ type: Float.Type) -> [Float] {
    lanes(UInt32.self).map { Float(bitPattern: $0) }
  }

  /// The double lanes, lane 0 first.
  public func lanes(_ type: Double.Type) -> [Double] {
    lanes(UInt64.self).map { Double(bitPattern: $0) }
  }
}

extension V128: CustomStringConvertible {
  /// As the text format writes it behind `v128.const`, in hexadecimal: `i32x4 0x00000001 …`.
  public var description: String {
    let lanes = lanes(UInt32.self).map {
      let digits = String($0, radix: 16)
      return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
    }
    return "i32x4 " + lanes.joined(separator: " ")
  }
}
