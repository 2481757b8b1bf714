import Contract
import Glibc

/// An artefact's allocated sections in memory of their own: code is R-X, everything else R--. The finished image is never
/// writable, and no pages that are writable are executable at the same time.
package final class ArtefactImage: @unchecked Sendable {
  // Immutable once initialized, so threads can share it.
  let memory: UnsafeMutableRawPointer
  let size: Int
  /// Pages after the file's own.
  private let room: Range<Int>
  /// Whether the memory is the program's own.
  private let isLinked: Bool
  /// Machine code. Offsets in the artefact's tables are relative to its start.
  package let text: UnsafeRawBufferPointer
  let sections: [String: Range<Int>]

  /// Code offsets are 32-bit, as are all distances within the image.
  package static let maximumSize = 1 << 30
  /// Limit on zeros that a file may request without containing them.
  static let maximumZeros = 1 << 20

  /// - Parameters:
  ///   - elf: only read during the call.
  ///   - file: descriptor of the file that starts with the ELF. Its pages are shared with other processes, and tools that read
  ///     `/proc/PID/maps` find its symbols. Nil: contents are copied.
  ///   - roomBehind: bytes to reserve after the image, for ``rewriteCode(_:)``.
  init(_ elf: ELFFile, file: Int32? = nil, roomBehind: Int = 0) throws(ArtefactError) {
    var layout =
      switch elf.kind {
      case .shared: try ImageLayout(shared: elf)
      case .relocatable: try ImageLayout(relocatable: elf)
      }
    guard let text = layout.sections[".text"] else {
      throw ArtefactError(.corrupt, "ELF: no code", section: ".text")
    }
    size = layout.size + ImageLayout.roundUp(roomBehind, ImageLayout.pageSize)
    room = layout.size..<size
    isLinked = false
    sections = layout.sections
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let memory = mmap(nil, size, PROT_NONE, flags, -1, 0), memory != MAP_FAILED else {
      throw ArtefactError(
        .system, "cannot reserve \(size) bytes: \(String(cString: strerror(errno)))")
    }
    self.memory = memory
    // In bounds: the layout placed the section inside the image.
    self.text = UnsafeRawBufferPointer(
      start: UnsafeRawPointer(memory) + text.lowerBound, count: text.count)
    // From here on, `deinit` runs if something throws.
    for part in layout.parts { try fill(part, elf, file) }
    for relocation in layout.relocations { try apply(relocation) }
    layout.relocations = []
    for part in layout.parts { try protect(part) }
  }

  /// One that is linked into the program, whose pages have the rights that they need.
  init(_ linked: LinkedArtefact) throws(ArtefactError) {
    let starts = linked.contents.compactMap(\.baseAddress)
    guard starts.count == linked.contents.count, let first = starts.min() else {
      throw ArtefactError(.corrupt, "an address is missing in the program")
    }
    var sections: [String: Range<Int>] = [:]
    for (name, contents) in zip(LinkedArtefact.sections, linked.contents) {
      let start = UnsafeRawPointer(contents.baseAddress ?? first) - first
      sections[name] = start..<start + contents.count
    }
    self.sections = sections
    // The code is the first of the sections.
    text = linked.contents[0]
    memory = UnsafeMutableRawPointer(mutating: first)
    size = sections.values.map(\.upperBound).max() ?? 0
    room = size..<size
    isLinked = true
  }

  deinit { if !isLinked { munmap(memory, size) } }

  /// The contents of one of the artefact's own sections, without its header, after verifying the checksum. The memory lives as
  /// long as the image.
  package func contents(_ section: ArtefactSection) throws(ArtefactError) -> UnsafeRawBufferPointer
  {
    try section.open(self.section(section))
  }

  /// The unverified section, including its header.
  func section(_ section: ArtefactSection) throws(ArtefactError) -> UnsafeRawBufferPointer {
    guard let range = sections[section.rawValue] else {
      throw ArtefactError(.corrupt, "section is missing", section: section.rawValue)
    }
    // In bounds: the layout placed the section inside the image.
    return UnsafeRawBufferPointer(
      start: UnsafeRawPointer(memory) + range.lowerBound, count: range.count)
  }

  // MARK: Filling

  private func fill(_ part: ImagePart, _ elf: ELFFile, _ file: Int32?) throws(ArtefactError) {
    if let file, map(part, file) { return }
    let start = memory + part.pages.lowerBound
    guard mprotect(start, part.pages.count, PROT_READ | PROT_WRITE) == 0 else { throw failure() }
    for piece in part.pieces {
      let source = UnsafeRawBufferPointer(rebasing: elf.bytes[piece.source])
      guard let base = source.baseAddress else { continue }
      // In bounds: the layout placed each piece inside its part's pages.
      memcpy(memory + piece.destination, base, source.count)
    }
  }

  /// Maps the file's own pages if they contain nothing but the part's contents.
  private func map(_ part: ImagePart, _ file: Int32) -> Bool {
    guard part.isMappable, part.pieces.count == 1 else { return false }
    let piece = part.pieces[0]
    let skew = piece.destination - part.pages.lowerBound
    let offset = piece.source.lowerBound - skew
    guard offset >= 0, offset % ImageLayout.pageSize == 0,
      part.pages.count <= skew + piece.source.count + ImageLayout.pageSize
    else { return false }
    let start = memory + part.pages.lowerBound
    // A file system may be mounted noexec. If mapping fails, the contents are copied.
    let mapped = mmap(
      start, part.pages.count, rights(part), MAP_PRIVATE | MAP_FIXED, file, off_t(offset))
    return mapped == start
  }

  private func apply(_ relocation: ImageRelocation) throws(ArtefactError) {
    let place = memory + relocation.place
    let base = Int64(Int(bitPattern: memory))
    // `ImageLayout` checked that 4 or 8 bytes at `place` are inside a section.
    switch relocation.kind {
    case .absolute64:
      place.storeBytes(of: (base &+ relocation.value).littleEndian, as: Int64.self)
    case .relative64:
      let distance = relocation.value &- Int64(relocation.place)
      place.storeBytes(of: distance.littleEndian, as: Int64.self)
    case .relative32:
      let distance = relocation.value &- Int64(relocation.place)
      guard let short = Int32(exactly: distance) else {
        throw ArtefactError(.corrupt, "ELF: relocation out of range")
      }
      place.storeBytes(of: short.littleEndian, as: Int32.self)
    }
  }

  private func protect(_ part: ImagePart) throws(ArtefactError) {
    guard mprotect(memory + part.pages.lowerBound, part.pages.count, rights(part)) == 0 else {
      throw failure()
    }
  }

  private func rights(_ part: ImagePart) -> Int32 {
    part.isExecutable ? PROT_READ | PROT_EXEC : PROT_READ
  }

  /// Modifies a private copy of the code before any of it runs. Pages are never writable and executable at the same time.
  /// - Parameter body: receives the code, and the room after the image, which becomes executable as well.
  package func rewriteCode(
    _ body: (UnsafeMutableRawBufferPointer, UnsafeMutableRawBufferPointer) -> Void
  ) throws(ArtefactError) {
    let start = memory + (text.baseAddress.map { $0 - UnsafeRawPointer(memory) } ?? 0)
    // Both are inside the image.
    let code = UnsafeMutableRawBufferPointer(start: start, count: text.count)
    let behind = UnsafeMutableRawBufferPointer(
      start: memory + room.lowerBound, count: room.count)
    let first = (start - memory) & ~(ImageLayout.pageSize - 1)
    let end = ImageLayout.roundUp(start - memory + text.count, ImageLayout.pageSize)
    func protect(_ rights: Int32) -> Bool {
      mprotect(memory + first, end - first, rights) == 0
        && (room.isEmpty || mprotect(memory + room.lowerBound, room.count, rights) == 0)
    }
    guard protect(PROT_READ | PROT_WRITE) else { throw failure() }
    body(code, behind)
    guard protect(PROT_READ | PROT_EXEC) else { throw failure() }
  }

  private func failure() -> ArtefactError {
    ArtefactError(.system, "cannot map the artefact: \(String(cString: strerror(errno)))")
  }
}
