/// Makes a guest's output harmless for the terminal it goes to: control characters other than tab, newline and carriage return
/// become visible ones (U+2400 and on; U+FFFD for C1 controls), as do bytes that are not UTF-8, which a terminal
/// may take for C1 controls. A character split between two writes is kept until its rest comes.
struct TerminalFilter {
  /// The bytes of an unfinished character.
  private var pending: [UInt8] = []

  init() {}

  mutating func filter(_ input: UnsafeRawBufferPointer, into output: inout [UInt8]) {
    for byte in input { accept(byte, &output) }
  }

  private mutating func accept(_ byte: UInt8, _ output: inout [UInt8]) {
    if !pending.isEmpty {
      if byte & 0xC0 == 0x80 && Self.mayFollow(pending, byte) {
        pending.append(byte)
        if pending.count == Self.length(pending[0]) { finish(&output) }
        return
      }
      output += Self.replacement
      pending.removeAll(keepingCapacity: true)
    }
    switch byte {
    case 0x09, 0x0A, 0x0D, 0x20...0x7E: output.append(byte)
    case 0x00...0x1F: output += [0xE2, 0x90, 0x80 + byte]  // U+2400 + byte
    case 0x7F: output += [0xE2, 0x90, 0xA1]  // U+2421
    case 0xC2...0xF4: pending.append(byte)
    default: output += Self.replacement
    }
  }

  private mutating func finish(_ output: inout [UInt8]) {
    let isC1 = pending[0] == 0xC2 && pending[1] < 0xA0
    output += isC1 ? Self.replacement : pending
    pending.removeAll(keepingCapacity: true)
  }

  private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

  private static func length(_ lead: UInt8) -> Int { lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4 }

  /// Second bytes that would make an overlong form, a surrogate or a value past U+10FFFF may not follow
  /// (Unicode, table 3-7).
  private static func mayFollow(_ pending: [UInt8], _ byte: UInt8) -> Bool {
    guard pending.count == 1 else { return true }
    return switch pending[0] {
    case 0xE0: byte >= 0xA0
    case 0xED: byte < 0xA0
    case 0xF0: byte >= 0x90
    case 0xF4: byte < 0x90
    default: true
    }
  }
}
