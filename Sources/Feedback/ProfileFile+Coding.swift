import Wasm

extension ProfileFile {
  /// Of the compact form.
  public static let version = CompactProfile.version

  /// The compact form; equal profiles give equal bytes.
  public func encode() -> [UInt8] { CompactProfile(self).encode() }

  /// What identifies this profile: the checksum of its compact form. Never 0.
  public var hash: UInt64 {
    max(1, StableHash.of(encode()[CompactProfile.headerSize...]))
  }

  /// Decodes the compact form.
  /// - Throws: `ProfileError`, with the byte offset.
  public init(decoding bytes: [UInt8]) throws(ProfileError) {
    var profile = CompactProfile()
    try profile.decode(bytes)
    self.init(profile)
  }
}
