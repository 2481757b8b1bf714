import Contract
import Runtime
import Synchronization
import Wasm

/// Changes in the tables of a sound artefact: records of 8 bytes, each
///
///     u8 artefact (the first record's counts)   u8 section   u16 word   u32 value
///
/// so that every byte of an input means something. A number beyond what there is wraps around. The top bit of the section says to
/// add the value to the word, which finds neighbours.
///
/// All around the tables stays as it is, and no file is put together, checked and mapped for an input: that is
/// what the reader `artefact` does, and it takes a hundred times as long.
final class ArtefactEdits: @unchecked Sendable {
  // Used by one thread at a time: what an input changes is put back before the next.
  private static let lock = Mutex(())
  private static let samples = HostileProgram.all.map { ArtefactEdits($0.original) }
  private static let sections: [ArtefactSection] = [
    .code, .deopt, .guards, .locations, .sites, .manifest, .baseline, .handlers,
  ]

  private let module: Module
  private let text: UnsafeMutableRawBufferPointer
  private let contents: [ArtefactSection: UnsafeMutableRawBufferPointer]

  private init(_ surgery: ArtefactSurgery) {
    func copy(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
      // Never freed: there are as many as samples. Aligned for tables, as the loader's own mapping is.
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: range.count, alignment: 16)
      buffer.copyBytes(from: surgery.elf[range])
      return buffer
    }
    // Sound: made by our compiler.
    text = copy(surgery.text!)
    module = try! Module(validating: Array(surgery.elf[surgery.contents(.module)!]))
    contents = Dictionary(
      uniqueKeysWithValues: Self.sections.map { ($0, copy(surgery.contents($0)!)) })
  }

  /// - Returns: whether the tables were taken.
  static func read(_ bytes: [UInt8]) -> Bool {
    lock.withLock { _ in samples[Int(bytes.first ?? 0) % samples.count].read(bytes) }
  }

  private func read(_ bytes: [UInt8]) -> Bool {
    var changes: [(buffer: UnsafeMutableRawBufferPointer, offset: Int, old: UInt32)] = []
    for start in stride(from: 0, to: bytes.count - 7, by: 8) {
      let record = bytes[start..<start + 8].map(UInt32.init)
      let section = Self.sections[Int(record[1] & 0x7F) % Self.sections.count]
      guard let buffer = contents[section], buffer.count >= 4 else { continue }
      let offset = 4 * (Int(record[2] | record[3] << 8) % (buffer.count / 4))
      let value = record[4] | record[5] << 8 | record[6] << 16 | record[7] << 24
      let old = buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
      changes.append((buffer, offset, old))
      let isSum = record[1] & 0x80 != 0
      buffer.storeBytes(of: isSum ? old &+ value : value, toByteOffset: offset, as: UInt32.self)
    }
    defer {
      for change in changes.reversed() {
        change.buffer.storeBytes(of: change.old, toByteOffset: change.offset, as: UInt32.self)
      }
    }
    return check()
  }

  private func check() -> Bool {
    func open(_ section: ArtefactSection) throws(ArtefactError) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(contents[section] ?? text)
    }
    let code = UnsafeRawBufferPointer(text)
    guard let manifest = try? ArtefactManifest(decoding: open(.manifest)),
      let tables = try? ArtefactTables(
        module: module, manifest: manifest, text: code, contents: open)
    else { return false }
    Reader.ask(tables, textSize: text.count)
    for point in tables.deopts.points { try? tables.check(point) }
    do { try tables.checkAll() } catch { return false }
    Reader.read(tables.deopts)
    _ = try? tables.siteReport(contents: open)
    _ = try? tables.guardTests(text: code, contents: open)
    return true
  }

  /// One word of each section becomes what it was.
  static var seed: [UInt8] {
    sections.indices.flatMap { [0, UInt8($0) | 0x80, 1, 0, 0, 0, 0, 0] }
  }
}
