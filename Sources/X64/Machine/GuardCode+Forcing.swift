/// Code that asks whether a guard is to fail.
extension GuardCode {
  /// Bytes of room for one trampoline.
  public static let trampolineSize = 64
  /// Address of `wpgo_force`, then of its state: 8 bytes each.
  public static let forcingDataSize = 16

  /// What stands in for a compare and its jump:
  ///
  ///        lea rsp, [rsp - 128]      the red zone stays as it is
  ///        push number
  ///        push [state]
  ///        call [wpgo_force]         ZF: the compare as it is; else it fails
  ///        lea rsp, [rsp + 144]
  ///        je 1f
  ///        test rsp, rsp             not equal
  ///        jmp 2f
  ///     1: the compare
  ///     2: its jump
  ///        jmp back
  ///
  /// - Parameters:
  ///   - old: the code, all of it.
  ///   - place: its address.
  ///   - trampoline: address of the result, less than 2 GiB from `place` and `data`.
  ///   - number: of the test.
  ///   - data: address of ``forcingDataSize`` bytes.
  public func trampoline(
    for old: [UInt8], at place: UInt, trampoline: UInt, number: Int32, data: UInt
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    func append(_ more: [UInt8], distanceTo target: UInt) {
      let end = trampoline + UInt(bytes.count + more.count + 4)
      bytes += more + littleEndian(Int32(truncatingIfNeeded: Int(bitPattern: target &- end)))
    }
    let back = place + UInt(old.count)
    bytes += [0x48, 0x8D, 0x64, 0x24, 0x80]  // lea rsp, [rsp - 128]
    bytes += [0x68] + littleEndian(number)  // push number
    append([0xFF, 0x35], distanceTo: data + 8)  // push [state]
    append([0xFF, 0x15], distanceTo: data)  // call [wpgo_force]
    bytes += [0x48, 0x8D, 0xA4, 0x24, 0x90, 0, 0, 0]  // lea rsp, [rsp + 144]
    bytes += [0x74, 5]  // je 1f
    bytes += [0x48, 0x85, 0xE4]  // test rsp, rsp
    bytes += [0xEB, UInt8(compareLength)]  // jmp 2f
    bytes += old.prefix(compareLength)  // 1:
    if let jump {
      let target = back &+ UInt(bitPattern: Int(jump.distance))
      append([0x0F, 0x80 | jump.condition], distanceTo: target)  // 2:
    }
    append([0xE9], distanceTo: back)
    return bytes
  }

  /// What is put in the code's place: a jump to the trampoline, then traps.
  public static func detour(at place: UInt, to trampoline: UInt, length: Int) -> [UInt8] {
    let distance = Int(bitPattern: trampoline &- (place + UInt(minimumLength)))
    let jump = [0xE9] + littleEndian(Int32(truncatingIfNeeded: distance))
    return jump + [UInt8](repeating: MachineStubs.trap, count: length - jump.count)
  }
}
