import Files
import Wasm

/// A profile as it is kept, merged and sent about: free of one module's indices, so that it outlives edits.
/// Functions are keyed by their bodies, sites by the ordinal of their instruction in its body (the first is 0).
///
/// Normal form: counts that are all zero are absent, and each target of a site is a key of `functions`.
public struct ProfileFile: Sendable, Equatable {
  /// A site's targets among the functions of its own instance.
  public struct Site: Sendable, Equatable {
    /// Calls by function of this file.
    public var targets: [FunctionKey: UInt64] = [:]
    /// Calls to targets beyond the recorder's slots.
    public var otherCount: UInt64 = 0
    /// Calls to other instances, the host, or imports.
    public var foreignCount: UInt64 = 0

    /// Nothing counted.
    public init() {}

    var isEmpty: Bool { targets.isEmpty && otherCount == 0 && foreignCount == 0 }
  }

  /// Counts of one function, by ordinals of its instructions.
  public struct Function: Sendable, Equatable {
    /// Hash of the opcodes alone: see `ModuleIdentity`.
    public var shape: UInt64
    /// From the name section or an export; empty for none.
    public var name: String
    /// Calls of the function.
    public var entryCount: UInt64 = 0
    /// Back-edges taken, by `loop`.
    public var loops: [Int: UInt64] = [:]
    /// Outcomes, by `if` and `br_if`.
    public var branches: [Int: FunctionProfile.Branch] = [:]
    /// A count per label, the default last, by `br_table`.
    public var branchTables: [Int: [UInt64]] = [:]
    /// Direct calls.
    public var calls: [Int: UInt64] = [:]
    /// `call_indirect`, `call_ref`.
    public var sites: [Int: Site] = [:]
    /// All instructions that count, ascending by ordinal: what the counts are found again by in another version of the body. Empty for a
    /// function that was never entered, and in profiles of version 1.
    public var anchors: [SiteAnchor] = []

    /// A function that was never entered.
    public init(shape: UInt64, name: String) {
      self.shape = shape
      self.name = name
    }
  }

  /// Content hashes of the modules that were recorded, ascending.
  public var moduleHashes: [UInt64] = []
  /// Recordings that were merged into this.
  public var runCount: UInt64 = 0
  /// All functions of those modules, entered or not.
  public var functions: [FunctionKey: Function] = [:]

  /// The sum of no recordings.
  public init() {}

  /// Reads a profile in either form: compact, or the counters of a recording that was not finished (or still goes on).
  public static func read(path: String) throws(ProfileError) -> ProfileFile {
    try read(path: HostString(path))
  }

  /// Reads a profile in either form.
  /// - Throws: `ProfileError`: `.system` if the file cannot be read.
  public static func read(path: HostString) throws(ProfileError) -> ProfileFile {
    let bytes: [UInt8]
    do { bytes = try readFile(path) } catch {
      throw ProfileError(.system, error.description)
    }
    return try ProfileFile(reading: bytes)
  }

  /// Either form, recognized by its first bytes.
  public init(reading bytes: [UInt8]) throws(ProfileError) {
    if CountersFile.isCounters(bytes) {
      self = try CountersFile.profile(decoding: bytes)
    } else {
      try self.init(decoding: bytes)
    }
  }

  /// Writes the compact form by rename.
  public func write(path: String) throws(ProfileError) { try write(path: HostString(path)) }

  /// Writes the compact form by rename.
  /// - Throws: `ProfileError` of kind `.system`.
  public func write(path: HostString) throws(ProfileError) {
    do { try replaceFile(path, with: encode()) } catch {
      throw ProfileError(.system, error.description)
    }
  }
}
