import Contract
import Wasm
import X64

/// Out-of-line code for rare cases. It follows the function's body.
struct Deferred {
  enum Kind {
    case trap(TrapCode)
    /// The trap code is in eax.
    case trapWithCode
    case truncation(
      from: ValueType, to: ValueType, isSigned: Bool, saturates: Bool, source: VectorRegister,
      result: Register, done: Label)
    case resume(
      site: Int, type: FunctionType, base: Int, callee: Instruction.Callee, ready: Label)
    case entry(number: Int, FunctionCompiler.Reload, ready: Label)
    case recordTarget(
      record: Int, type: FunctionType, base: Int, callee: Instruction.Callee, done: Label)
    case countedBranch(record: Int, target: Label)
    case osrEntry(number: Int, slotCount: Int)
    /// Where exceptions are caught.
    case pad(scope: Int)
  }

  var kind: Kind
  /// The code's start. Already bound for ``Kind/resume`` and ``Kind/entry``, which only the runtime jumps to.
  var label: Label
  var byteOffset: Int
}

extension FunctionCompiler {
  // MARK: Traps

  mutating func trap(if condition: Condition, _ code: TrapCode) {
    let label = assembler.makeLabel()
    assembler.jump(condition, label)
    deferred.append(Deferred(kind: .trap(code), label: label, byteOffset: byteOffset))
  }

  mutating func trapWithCode(if condition: Condition) {
    let label = assembler.makeLabel()
    assembler.jump(condition, label)
    deferred.append(Deferred(kind: .trapWithCode, label: label, byteOffset: byteOffset))
  }

  /// Calls the function's shared tail for the trap code. The return address identifies the place.
  mutating func emitTrap(_ code: TrapCode?) {
    recordLocation()
    assembler.call(trapTail(code))
  }

  /// - Parameter code: nil: the code is in eax.
  private mutating func trapTail(_ code: TrapCode?) -> Label {
    let index = Int(code?.rawValue ?? 0)
    while trapTails.count <= index { trapTails.append(nil) }
    if let label = trapTails[index] { return label }
    let label = assembler.makeLabel()
    trapTails[index] = label
    return label
  }

  private mutating func emitTrapTails() {
    for (code, label) in trapTails.enumerated() {
      guard let label else { continue }
      assembler.bind(label)
      if code == 0 {
        assembler.move(.dword, .rsi, .rax)
      } else {
        assembler.move(.rsi, immediate: UInt64(code))
      }
      assembler.move(.rdx, immediate: TrapPlace.fromReturnAddress)
      assembler.move(.qword, .rdi, .rbx)
      assembler.jump(field(ContextLayout.trapStub))
    }
  }

  // MARK: Emission

  mutating func emitDeferred() {
    let all = deferred
    for item in all {
      if assembler.count > maximumCodeSize { return }
      byteOffset = item.byteOffset
      emit(item)
    }
    emitTrapTails()
  }

  private mutating func emit(_ item: Deferred) {
    if case .resume(let site, let type, let base, let callee, let ready) = item.kind {
      return emitResume(site, type, base, callee, ready)
    }
    if case .entry(let number, let reload, let ready) = item.kind {
      return emitEntry(number, reload, ready: ready)
    }
    assembler.bind(item.label)
    switch item.kind {
    case .trap(let code): emitTrap(code)
    case .trapWithCode: emitTrap(nil)
    case .truncation(
      let from, let to, let isSigned, let saturates, let source, let result, let done):
      assembler.compare(from.precision, source, .vector(source))
      if saturates {
        emitSaturation(from, to, isSigned, source, result, done)
      } else {
        emitTruncationTrap(from, to, isSigned, source, done)
      }
    case .recordTarget(let record, let type, let base, let callee, let done):
      emitRecordTarget(record, type, base, callee, done)
    case .countedBranch(let record, let target):
      count(record)
      assembler.jump(target)
    case .osrEntry(let number, let count): emitOSREntry(number, slotCount: count)
    case .pad(let scope): emitPad(scope)
    case .resume, .entry: break
    }
  }

  // MARK: Truncation

  /// The parity flag is set if the source is NaN.
  private mutating func emitTruncationTrap(
    _ from: ValueType, _ to: ValueType, _ isSigned: Bool, _ source: VectorRegister, _ done: Label
  ) {
    let isNumber = assembler.shortJump(.notParity)
    emitTrap(.invalidConversionToInteger)
    assembler.bind(isNumber)
    if to == .i64 && isSigned {
      // -2^63 itself is in range.
      let least: UInt64 = from == .f32 ? 0xDF00_0000 : 0xC3E0_0000_0000_0000
      loadConstant(from, least, into: Self.vectorScratch)
      assembler.compare(from.precision, source, .vector(Self.vectorScratch))
      assembler.jump(.equal, done)
    }
    emitTrap(.integerOverflow)
  }

  /// NaN becomes 0, other values the nearest end of the range.
  private mutating func emitSaturation(
    _ from: ValueType, _ to: ValueType, _ isSigned: Bool, _ source: VectorRegister,
    _ result: Register, _ done: Label
  ) {
    let bits: UInt64 = to == .i32 ? 32 : 64
    let all = UInt64.max >> (64 - bits)
    assembler.move(result, immediate: 0)
    assembler.jump(.parity, done)
    assembler.zero(Self.vectorScratch)
    assembler.compare(from.precision, source, .vector(Self.vectorScratch))
    assembler.move(result, immediate: isSigned ? all >> 1 : all)
    assembler.jump(.above, done)
    assembler.move(result, immediate: isSigned ? 1 << (bits - 1) : 0)
    assembler.jump(done)
  }

  // MARK: OSR entries

  /// Copies all homes to the buffer, pops the frame, and tail-calls the artefact's OSR entry, which returns to this function's
  /// caller.
  private mutating func emitOSREntry(_ number: Int, slotCount: Int) {
    if let loopPeriod {
      assembler.load(.qword, Self.scratch, field(ContextLayout.loopRequests))
      assembler.store(
        .byte, .memory(Self.scratch, Int32(truncatingIfNeeded: number)),
        Int32(truncatingIfNeeded: loopPeriod))
    }
    assembler.load(.qword, .rdi, field(ContextLayout.osrBuffer))
    assembler.move(.qword, .rsi, .rsp)
    assembler.move(.rcx, immediate: UInt64(slots.offset(of: slotCount) / 8))
    assembler.repeatMoveQuadwords()
    assembler.move(.qword, .rdi, .rbx)
    assembler.load(.qword, Self.scratch, field(ContextLayout.loopCode))
    assembler.load(
      .qword, Self.scratch, .memory(Self.scratch, Int32(truncatingIfNeeded: 8 * number)))
    emitFrameExit { $0.jump(.register(Self.scratch)) }
  }
}
