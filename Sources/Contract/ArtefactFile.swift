import Wasm

/// The file as a whole: an ELF file, followed by a trailer of 32 bytes that ELF tools ignore:
///
///     u64 magic   u64 zero   u64 length of the ELF   u64 StableHash of the ELF
///
/// The trailer detects a flipped bit or a truncation anywhere, including machine code and padding.
///
/// `strip` and similar tools rewrite the ELF without symbols, debug sections and trailer. For this case, a shared object
/// contains a record of the same form in its section ``sealSection``. Its hash covers everything that is loaded. Symbols and
/// debug sections are not covered then: only other tools use them.
public enum ArtefactFile {
  /// Size of the trailer.
  public static let trailerSize = 32
  /// The section with the checksum of everything that a shared object loads.
  public static let sealSection = ".wpgo.seal"
  /// The section's contents until ``seal(_:)`` fills it in.
  public static let emptySeal = [UInt8](repeating: 0, count: trailerSize)

  private static let trailerMagic: UInt64 = 0x3145_4C49_464F_4750  // "PGOFILE1"
  private static let sealMagic: UInt64 = 0x314C_4145_534F_4750  // "PGOSEAL1"

  private struct Record {
    var size: UInt64
    var hash: UInt64

    func encode(_ magic: UInt64) -> [UInt8] {
      var writer = ArtefactWriter()
      writer.integer(magic)
      writer.integer(UInt64(0))
      writer.integer(size)
      writer.integer(hash)
      return writer.bytes
    }

    /// - Returns: nil if the bytes are no such record.
    init?(_ bytes: UnsafeRawBufferPointer, _ magic: UInt64) throws(ArtefactError) {
      guard bytes.count == trailerSize else { return nil }
      var reader = ArtefactReader(bytes)
      guard try reader.integer(UInt64.self) == magic, try reader.integer(UInt64.self) == 0 else {
        return nil
      }
      size = try reader.integer()
      hash = try reader.integer()
    }

    init(size: Int, hash: UInt64) {
      self.size = UInt64(size)
      self.hash = hash
    }
  }

  /// Fills in the seal section of a shared object, and appends the trailer.
  public static func seal(_ elf: [UInt8]) -> [UInt8] {
    var elf = elf
    let seal = elf.withUnsafeBytes { bytes -> (place: Range<Int>, record: Record)? in
      guard let file = try? ELFFile(bytes), let section = sealSection(of: file) else { return nil }
      return (section.range, Record(size: bytes.count, hash: hash(loadedBy: file, section)))
    }
    if let seal { elf.replaceSubrange(seal.place, with: seal.record.encode(sealMagic)) }
    let trailer = Record(size: elf.count, hash: StableHash.of(elf))
    return elf + trailer.encode(trailerMagic)
  }

  /// Returns the ELF in a file that ``seal(_:)`` created, also if a tool has since rewritten it without changing what is
  /// loaded.
  public static func open(_ file: UnsafeRawBufferPointer) throws(ArtefactError)
    -> UnsafeRawBufferPointer
  {
    guard file.count >= trailerSize else {
      throw ArtefactError(.corrupt, "file is too short", offset: file.count)
    }
    let size = file.count - trailerSize
    let end = UnsafeRawBufferPointer(rebasing: file[size...])
    guard let trailer = try Record(end, trailerMagic) else { return try openStripped(file) }
    let elf = UnsafeRawBufferPointer(rebasing: file[..<size])
    guard trailer.size == UInt64(size) else {
      throw ArtefactError(.corrupt, "file's length does not match", offset: size)
    }
    guard trailer.hash == StableHash.of(elf) else {
      throw ArtefactError(.corrupt, "file's checksum does not match")
    }
    return elf
  }

  // MARK: Without trailer

  private static func openStripped(_ file: UnsafeRawBufferPointer) throws(ArtefactError)
    -> UnsafeRawBufferPointer
  {
    // A file of the sealed size only lost its trailer: it was truncated, not stripped.
    guard let elf = try? ELFFile(file), let section = sealSection(of: elf),
      let seal = try Record(elf.contents(section), sealMagic),
      seal.size != UInt64(file.count), elf.extent == file.count
    else {
      throw ArtefactError(
        .corrupt, "file is not an artefact, or is cut off", offset: file.count - trailerSize)
    }
    guard seal.hash == hash(loadedBy: elf, section) else {
      throw ArtefactError(.corrupt, "checksum of what is loaded does not match")
    }
    return file
  }

  private static func sealSection(of elf: ELFFile) -> ELFFile.Section? {
    guard elf.kind == .shared, let section = try? elf.section(sealSection), section.isAllocated,
      section.range.count == trailerSize
    else { return nil }
    return section
  }

  /// Hashes the segments and their contents, and the headers of the sections in them. Excludes the ELF header, which contains
  /// the position of the section headers, and the seal itself.
  private static func hash(loadedBy elf: ELFFile, _ seal: ELFFile.Section) -> UInt64 {
    let headerSize = 64
    var writer = ArtefactWriter()
    for segment in elf.segments where segment.type == ELFFile.Segment.load {
      writer.integer(segment.flags)
      writer.integer(segment.address)
      writer.integer(UInt64(segment.memorySize))
      let start = max(segment.range.lowerBound, headerSize)
      let body = start..<max(start, segment.range.upperBound)
      for part in [
        body.clamped(to: 0..<seal.range.lowerBound),
        body.clamped(to: seal.range.upperBound..<Int.max),
      ] {
        writer.integer(UInt64(part.count))
        writer.integer(StableHash.of(UnsafeRawBufferPointer(rebasing: elf.bytes[part])))
      }
    }
    for section in elf.sections where section.isAllocated {
      writer.string(section.name)
      writer.integer(section.type)
      writer.integer(section.flags)
      writer.integer(section.address)
      writer.integer(UInt64(section.size))
    }
    return StableHash.of(writer.bytes)
  }
}
