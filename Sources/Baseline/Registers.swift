import Wasm
import X64

/// Register allocation: local, greedy, with nothing in registers that its home does not hold too, but
/// operands of the wasm stack.
extension FunctionCompiler {
  static let generalRegisters: UInt32 = [
    Register.rax, .rcx, .rdx, .rsi, .rdi, .r8, .r9, .r10,
  ].reduce(0) { $0 | MachineRegister($1).mask }
  /// Those that no instruction needs for itself: taken first.
  static let preferredRegisters: UInt32 = [Register.rsi, .rdi, .r8, .r9, .r10].reduce(0) {
    $0 | MachineRegister($1).mask
  }
  /// xmm0…xmm13
  static let vectorRegisters: UInt32 = 0x3FFF_0000

  static let scratch = Register.r11
  static let vectorScratch = VectorRegister.xmm15
  static let secondVectorScratch = VectorRegister.xmm14

  // MARK: Allocation

  /// A register for the current instruction's use. Emits only moves.
  mutating func allocateGeneral() -> Register {
    let free = Self.generalRegisters & ~(owned | cached | pinned)
    let preferred = free & Self.preferredRegisters
    if preferred != 0 { return pin(preferred).general }
    if free != 0 { return pin(free).general }
    return reclaim(Self.generalRegisters).general
  }

  mutating func allocateVector() -> VectorRegister {
    let free = Self.vectorRegisters & ~(owned | cached | pinned)
    if free != 0 { return pin(free).vector }
    return reclaim(Self.vectorRegisters).vector
  }

  @inline(__always)
  private mutating func pin(_ candidates: UInt32) -> MachineRegister {
    let number = UInt8(truncatingIfNeeded: candidates.trailingZeroBitCount)
    pinned |= 1 << UInt32(number)
    return MachineRegister(number: number)
  }

  /// Takes a register from a local, in turn, else from the deepest entry of the stack.
  private mutating func reclaim(_ kind: UInt32) -> MachineRegister {
    var candidates = cached & kind & ~pinned
    if candidates != 0 {
      let later = candidates & ~((1 << nextVictim) - 1)
      if later != 0 { candidates = later }
      let register = pin(candidates)
      nextVictim = UInt32(register.number + 1) & 31
      forgetLocal(in: register)
      return register
    }
    candidates = owned & kind & ~pinned
    precondition(candidates != 0, "out of registers")
    var deepest = Int32.max
    var remaining = candidates
    while remaining != 0 {
      deepest = min(deepest, owners[remaining.trailingZeroBitCount])
      remaining &= remaining - 1
    }
    let register = stack[Int(deepest)].register
    storeHome(Int(deepest))
    pinned |= register.mask
    return register
  }

  /// Empties a register that an instruction needs for itself, and pins it.
  mutating func take(_ register: Register) {
    let register = MachineRegister(register)
    pinned |= register.mask
    if cached & register.mask != 0 { forgetLocal(in: register) }
    guard owned & register.mask != 0 else { return }
    let index = Int(owners[Int(register.number)])
    let new = allocateGeneral()
    assembler.move(.qword, new, register.general)
    owned &= ~register.mask
    stack[index].register = MachineRegister(new)
    own(MachineRegister(new), index)
  }

  @inline(__always)
  mutating func own(_ register: MachineRegister, _ index: Int) {
    owned |= register.mask
    owners[Int(register.number)] = Int32(truncatingIfNeeded: index)
  }

  // MARK: Cached locals

  @inline(__always)
  mutating func forgetLocal(in register: MachineRegister) {
    cached &= ~register.mask
    localRegisters[Int(cachedLocals[Int(register.number)])] = Self.noRegister
  }

  /// At places that are reached by more than one way, and after calls.
  mutating func forgetLocals() {
    while cached != 0 {
      forgetLocal(in: MachineRegister(number: UInt8(cached.trailingZeroBitCount)))
    }
  }

  @inline(__always)
  mutating func cache(_ local: Int, in register: MachineRegister) {
    let old = localRegisters[local]
    if old != Self.noRegister { cached &= ~MachineRegister(number: old).mask }
    localRegisters[local] = register.number
    cachedLocals[Int(register.number)] = Int32(truncatingIfNeeded: local)
    cached |= register.mask
  }

  @inline(__always)
  func cachedRegister(_ local: Int) -> MachineRegister? {
    let number = localRegisters[local]
    return number == Self.noRegister ? nil : MachineRegister(number: number)
  }
}
