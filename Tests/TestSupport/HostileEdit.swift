import Contract

/// A change in the tables of an artefact that no check of bytes can notice: one number becomes another, or two runs of
/// words change places, as rows of any table do.
public struct HostileEdit: Sendable, CustomStringConvertible {
  public var section: ArtefactSection
  /// In the section's contents.
  public var offset: Int
  public var words: [UInt32]

  public var description: String { "\(section.rawValue) at \(offset): \(words)" }

  /// Words of a row, in some table.
  private static let rowSizes = 2...5

  /// All that is tried of one artefact: at each word of each table nothing, everything, the neighbours, what other rows have
  /// there, and the next row.
  public static func all(of surgery: ArtefactSurgery) -> [HostileEdit] {
    ArtefactSection.allCases.flatMap { section in
      guard let contents = surgery.contents(section) else { return [HostileEdit]() }
      let words = stride(from: 0, to: contents.count - 3, by: 4).map { surgery[section, $0] }
      return words.indices.flatMap { edits(section, words, $0) }
    }
  }

  private static func edits(
    _ section: ArtefactSection, _ words: [UInt32], _ index: Int
  ) -> [HostileEdit] {
    let word = words[index]
    let ofOthers = rowSizes.flatMap { [index - $0, index + $0] }.filter(words.indices.contains)
    let values = Set(
      [0, .max, word &+ 1, word &- 1, word ^ 1 << 31, word &+ 16, word &+ 4096, 0x7FFF_FFFF]
        + ofOthers.map { words[$0] })
    var result = values.subtracting([word]).sorted().map {
      HostileEdit(section: section, offset: 4 * index, words: [$0])
    }
    for size in rowSizes where index + 2 * size <= words.count {
      let (here, next) = (words[index..<index + size], words[index + size..<index + 2 * size])
      guard here != next else { continue }
      result.append(HostileEdit(section: section, offset: 4 * index, words: Array(next + here)))
    }
    return result
  }

  public func applied(to original: ArtefactSurgery) -> ArtefactSurgery {
    var surgery = original
    for (number, word) in words.enumerated() { surgery[section, offset + 4 * number] = word }
    return surgery
  }
}
