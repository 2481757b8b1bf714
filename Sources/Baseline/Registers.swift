import Wasm
import X64

/// Local, greedy register allocation. Registers contain operands of the wasm stack, and copies of locals whose homes are up to
/// date.
extension FunctionCompiler {
  static let generalRegisters: UInt32 = [
    Register.rax, .rcx, .rdx, .rsi, .rdi, .r8, .r9, .r10,
  ].reduce(0) { $0 | MachineRegister($1).mask }
  /// Registers that no instruction requires. They are allocated first.
  static let preferredRegisters: UInt32 = [Register.rsi, .rdi, .r8, .r9, .r10].reduce(0) {
    $0 | MachineRegister($1).mask
  }
  /// xmm0…xmm13
  static let vectorRegisters: UInt32 = 0x3FFF_0000

  static let scratch = Register.r11
  static let vectorScratch = VectorRegister.xmm15
  static let secondVectorScratch = VectorRegister.xmm14

  // MARK: Allocation

  /// Allocates a register for the current instruction. Emits only moves.
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

  /// Evicts a cached local, in round-robin order, or else spills the deepest stack entry that is in a register.
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

  /// Evicts the contents of a register that an instruction requires, and pins it.
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

  /// Used at merge points and after calls.
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
