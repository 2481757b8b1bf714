import Contract
import Runtime
import Wasm

/// Changes artefacts and makes their checksums right again, so that tests get past these to the checks behind.
public struct ArtefactSurgery: Sendable {
  public var elf: [UInt8]

  /// - Parameter elf: what may be one.
  public init(elf: [UInt8]) { self.elf = elf }

  public init(_ artefact: [UInt8]) throws {
    elf = try artefact.withUnsafeBytes { Array(try ArtefactFile.open($0)) }
  }

  /// Byte range in the ELF of a section's contents, its header and padding excluded.
  public func contents(_ section: ArtefactSection) -> Range<Int>? {
    elf.withUnsafeBytes { bytes in
      guard let file = try? ELFFile(bytes), let row = try? file.section(section.rawValue),
        row.range.count >= ArtefactSection.headerSize
      else { return nil }
      let start = row.range.lowerBound + ArtefactSection.headerSize
      let length = bytes.loadUnaligned(fromByteOffset: row.range.lowerBound + 16, as: UInt64.self)
      guard let count = Int(exactly: length), count <= row.range.upperBound - start else {
        return nil
      }
      return start..<start + count
    }
  }

  /// The 32-bit word at a byte offset of a section's contents.
  public subscript(section: ArtefactSection, offset: Int) -> UInt32 {
    get {
      let start = (contents(section)?.lowerBound ?? 0) + offset
      return elf.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: UInt32.self) }
    }
    set {
      let start = (contents(section)?.lowerBound ?? 0) + offset
      withUnsafeBytes(of: newValue.littleEndian) { bytes in
        for (index, byte) in bytes.enumerated() { elf[start + index] = byte }
      }
    }
  }

  /// The artefact with every checksum, and the manifest's hash of the module, as the contents are now.
  /// - Parameter withCode: the seal at the end of the machine code too. Not to be run then: this stands for other code.
  public func sealed(withCode: Bool = true) -> [UInt8] {
    var copy = self
    copy.fixModuleHash()
    if withCode { copy.fixCodeSeal() }
    for section in ArtefactSection.allCases {
      guard let range = copy.contents(section) else { continue }
      let hash = copy.elf[range].withUnsafeBytes { StableHash.of($0) }
      withUnsafeBytes(of: hash.littleEndian) { bytes in
        for (index, byte) in bytes.enumerated() { copy.elf[range.lowerBound - 8 + index] = byte }
      }
    }
    return ArtefactFile.seal(copy.elf)
  }

  /// What the loader says about this artefact, sealed, after a change; empty if it accepts it.
  public func refusal(_ change: (inout ArtefactSurgery) -> Void) -> String {
    var surgery = self
    change(&surgery)
    do throws(ArtefactError) {
      _ = try Artefact(bytes: surgery.sealed())
      return ""
    } catch {
      return error.message
    }
  }

  /// Byte range in the ELF of the machine code.
  var text: Range<Int>? {
    elf.withUnsafeBytes { bytes in
      (try? ELFFile(bytes)).flatMap { try? $0.section(".text")?.range }
    }
  }

  private mutating func fixCodeSeal() {
    let parts = [ArtefactSection.module, .code, .baseline, .guards, .handlers].compactMap {
      contents($0).map { Array(elf[$0]) }
    }
    guard let text, text.count >= CodeSeal.size, parts.count == 5 else { return }
    let seal = CodeSeal(
      module: parts[0], code: parts[1], baseline: parts[2], guards: parts[3],
      handlers: parts[4])
    elf.replaceSubrange(text.upperBound - CodeSeal.size..<text.upperBound, with: seal.encode())
  }

  private mutating func fixModuleHash() {
    guard let module = contents(.module), let manifest = contents(.manifest) else { return }
    let hash = elf[module].withUnsafeBytes { StableHash.of($0) }
    let decoded = elf[manifest].withUnsafeBytes { try? ArtefactManifest(decoding: $0) }
    guard var decoded else { return }
    decoded.moduleHash = hash
    let bytes = decoded.encode()
    guard bytes.count == manifest.count else { return }
    elf.replaceSubrange(manifest, with: bytes)
  }
}

/// SplitMix64: the same numbers in every run.
public struct TestRandom: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
