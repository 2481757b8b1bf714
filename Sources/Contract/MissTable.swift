/// Where an instance of an artefact counts what its guards miss, behind ``ContextLayout/counters``. A hash table of 64-bit words that never
/// grows, so that counting allocates nothing:
///
///     lost                     misses that found no slot
///     slotCount × (key, count) key 0: empty
///
/// Deopts count there, and generic code does (``RuntimeCall/recordMiss``); speculative code does not.
public enum MissTable {
  /// A power of two.
  public static let slotCount = 4096
  /// Slots that are looked at for a key.
  public static let probeCount = 16
  /// 64-bit words of a table.
  public static let wordCount = 1 + 2 * slotCount

  /// What happened in place of what the guard expected.
  public enum Outcome: Hashable, Sendable {
    /// A function of the instance was called: its index in the module's function index space.
    case function(Int)
    /// A function of another instance or of the host was called.
    case foreign
    /// A branch led to the instruction at this byte offset of the module.
    case branch(Int)
  }

  /// In place of a function's index and one, in a key.
  public static let foreign: UInt32 = 0x7FFF_FFFF
  private static let branchBit: UInt32 = 1 << 31

  /// - Parameter site: byte offset of the call or branch in the module.
  public static func key(site: UInt32, _ outcome: Outcome) -> UInt64 {
    let low =
      switch outcome {
      case .function(let index): UInt32(truncatingIfNeeded: index + 1)
      case .foreign: foreign
      case .branch(let offset): branchBit | UInt32(truncatingIfNeeded: offset)
      }
    return UInt64(site) << 32 | UInt64(low)
  }

  /// What ``key(site:_:)`` was given.
  public static func decode(key: UInt64) -> (site: Int, outcome: Outcome) {
    let low = UInt32(truncatingIfNeeded: key)
    let outcome: Outcome =
      low & branchBit != 0
      ? .branch(Int(low & ~branchBit)) : low == foreign ? .foreign : .function(Int(low) - 1)
    return (Int(key >> 32), outcome)
  }
}
