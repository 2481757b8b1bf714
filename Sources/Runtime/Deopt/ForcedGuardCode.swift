import CRuntime
import Contract

/// Puts a jump to a trampoline in the place of each guard test. Its code is in CRuntime/force.S.
extension ForcedGuards {
  private static let trampolineSize = 64
  /// Address of `wpgo_force`, then of the state.
  private static let dataSize = 16

  /// Bytes for the trampolines of an artefact.
  static func room(_ elf: ELFFile) throws(ArtefactError) -> Int {
    let size = try elf.section(ArtefactSection.guards.rawValue)?.range.count ?? 0
    let room = dataSize + size / (4 * GuardTest.wordCount) * trampolineSize
    guard room <= ArtefactImage.maximumSize else {
      throw ArtefactError(
        .corrupt, "too many guard tests", section: ArtefactSection.guards.rawValue)
    }
    return room
  }

  func install(in image: ArtefactImage) throws(ArtefactError) {
    try image.rewriteCode { code, room in
      // `room` was asked for by the section's size, of which the rows are a part.
      room.storeBytes(of: UInt(bitPattern: wpgo_force_code()), as: UInt.self)
      room.storeBytes(of: UInt(bitPattern: state), toByteOffset: 8, as: UInt.self)
      for (number, test) in tests.enumerated() where isWanted(test) {
        install(number, test, code, room)
      }
    }
  }

  /// Where only single guards are to fail, all others are left alone.
  private func isWanted(_ test: GuardTest) -> Bool {
    if forcing.period != nil || forcing.random != nil || forcing.failsEachTestOnce { return true }
    guard test.guardNumber != GuardTest.unknown else { return false }
    return state.pointee.guards[Int(test.guardNumber)].counts.left > 0
  }

  private func install(
    _ number: Int, _ test: GuardTest, _ code: UnsafeMutableRawBufferPointer,
    _ room: UnsafeMutableRawBufferPointer
  ) {
    guard let codeStart = code.baseAddress, let roomStart = room.baseAddress else { return }
    let place = codeStart + Int(test.codeOffset)
    let old = UnsafeRawBufferPointer(start: place, count: Int(test.length))
    // Decoded before, when the table was checked.
    guard let parts = GuardTest.decode(old) else { return }
    let trampoline = roomStart + Self.dataSize + number * Self.trampolineSize
    var bytes: [UInt8] = []
    func append(_ more: [UInt8], distanceTo target: UnsafeRawPointer) {
      let end = UnsafeRawPointer(trampoline) + bytes.count + more.count + 4
      // Code and room are less than 2 GiB apart: both are in an image of 1 GiB and its room.
      bytes += more + littleEndian(Int32(truncatingIfNeeded: target - end))
    }
    let back = UnsafeRawPointer(place) + old.count
    bytes += [0x48, 0x8D, 0x64, 0x24, 0x80]  // lea rsp, [rsp - 128]
    bytes += [0x68] + littleEndian(Int32(truncatingIfNeeded: number))  // push number
    append([0xFF, 0x35], distanceTo: UnsafeRawPointer(roomStart) + 8)  // push [state]
    append([0xFF, 0x15], distanceTo: UnsafeRawPointer(roomStart))  // call [wpgo_force]
    bytes += [0x48, 0x8D, 0xA4, 0x24, 0x90, 0, 0, 0]  // lea rsp, [rsp + 144]
    bytes += [0x74, 5]  // je 1f
    bytes += [0x48, 0x85, 0xE4]  // test rsp, rsp
    bytes += [0xEB, UInt8(parts.compareLength)]  // jmp 2f
    bytes += old.prefix(parts.compareLength)  // 1: the compare
    if let jump = parts.jump {
      append([0x0F, 0x80 | jump.condition], distanceTo: back + Int(jump.distance))  // 2: its jump
    }
    append([0xE9], distanceTo: back)  // jmp back
    UnsafeMutableRawBufferPointer(start: trampoline, count: Self.trampolineSize)
      .copyBytes(from: bytes)
    let distance = UnsafeRawPointer(trampoline) - (UnsafeRawPointer(place) + 5)
    let jump = [0xE9] + littleEndian(Int32(truncatingIfNeeded: distance))
    let filler = [UInt8](repeating: 0xCC, count: old.count - jump.count)
    UnsafeMutableRawBufferPointer(start: place, count: old.count)
      .copyBytes(from: jump + filler)
  }
}
