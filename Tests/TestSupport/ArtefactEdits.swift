import Contract

/// Changes in the tables of a sound artefact: records of 8 bytes, each
///
///     u8 artefact (the first record's counts)   u8 section   u16 word   u32 value
///
/// so that every byte of an input means something, and all checks in front of the tables pass. A number beyond what there is
/// wraps around. The top bit of the section says to add the value to the word, which finds neighbours.
enum ArtefactEdits {
  private static let sections: [ArtefactSection] = [
    .code, .deopt, .guards, .locations, .sites, .manifest, .module,
  ]

  static func apply(_ bytes: [UInt8]) -> [UInt8] {
    let artefacts = surgeries
    var surgery = artefacts[Int(bytes.first ?? 0) % artefacts.count]
    for start in stride(from: 0, to: bytes.count - 7, by: 8) {
      let record = bytes[start..<start + 8].map(UInt32.init)
      let section = sections[Int(record[1] & 0x7F) % sections.count]
      guard let contents = surgery.contents(section), contents.count >= 4 else { continue }
      let word = Int(record[2] | record[3] << 8) % (contents.count / 4)
      let value = record[4] | record[5] << 8 | record[6] << 16 | record[7] << 24
      let isSum = record[1] & 0x80 != 0
      surgery[section, 4 * word] = isSum ? surgery[section, 4 * word] &+ value : value
    }
    return surgery.sealed()
  }

  /// One word of each section becomes what it was.
  static var seed: [UInt8] {
    sections.indices.flatMap { [0, UInt8($0) | 0x80, 1, 0, 0, 0, 0, 0] }
  }

  private static let surgeries = Reader.Base.shared.artefacts.map { try! ArtefactSurgery($0) }
}
