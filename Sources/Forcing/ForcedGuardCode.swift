import CForcing
import Contract
import Runtime
import X64

/// Puts a jump to a trampoline in the place of each guard test. Its code is in CForcing/force.S.
extension GuardForcing: ArtefactPatch {
  /// Bytes for the trampolines of an artefact.
  package func room(_ elf: ELFFile) throws(ArtefactError) -> Int {
    let size = try elf.section(ArtefactSection.guards.rawValue)?.range.count ?? 0
    let room =
      GuardCode.forcingDataSize + size / (4 * GuardTest.wordCount) * GuardCode.trampolineSize
    guard room <= ArtefactImage.maximumSize else {
      throw ArtefactError(
        .corrupt, "too many guard tests", section: ArtefactSection.guards.rawValue)
    }
    return room
  }

  package func apply(
    to image: ArtefactImage, _ tables: ArtefactTables
  ) throws(ArtefactError) -> any DeoptControl {
    let tests = try tables.guardTests(text: image.text, contents: image.contents)
    let guards = ForcedGuards(self, tests, code: tables.code, deopts: tables.deopts)
    try guards.install(in: image)
    return guards
  }
}

extension ForcedGuards {
  fileprivate func install(in image: ArtefactImage) throws(ArtefactError) {
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
    guard let parts = GuardCode(old) else { return }
    let trampoline = roomStart + GuardCode.forcingDataSize + number * GuardCode.trampolineSize
    // Code and room are less than 2 GiB apart: both are in an image of 1 GiB and its room.
    let bytes = parts.trampoline(
      for: Array(old), at: UInt(bitPattern: place), trampoline: UInt(bitPattern: trampoline),
      number: Int32(truncatingIfNeeded: number), data: UInt(bitPattern: roomStart))
    UnsafeMutableRawBufferPointer(start: trampoline, count: GuardCode.trampolineSize)
      .copyBytes(from: bytes)
    let detour = GuardCode.detour(
      at: UInt(bitPattern: place), to: UInt(bitPattern: trampoline), length: old.count)
    UnsafeMutableRawBufferPointer(start: place, count: old.count).copyBytes(from: detour)
  }
}
