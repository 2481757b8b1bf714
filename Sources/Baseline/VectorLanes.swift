import Wasm
import X64

/// Splats, and single lanes of vectors.
extension FunctionCompiler {
  // MARK: Splat

  /// Copies the lowest lane to all lanes. Clobbers ``vectorScratch``.
  mutating func splat(_ register: VectorRegister, _ width: Width) {
    let source = Operand.vector(register)
    switch width {
    case .byte where target.hasAVX2: emit(.pbroadcastb, register, source)
    case .word where target.hasAVX2: emit(.pbroadcastw, register, source)
    case .byte:
      load(V128.zero, into: Self.vectorScratch)
      emit(.pshufb, register, register, Self.vectorScratch)
    case .word:
      emit(.pshuflw, register, source, 0)
      emit(.punpcklqdq, register, register, source)
    case .dword: emit(.pshufd, register, source, 0)
    case .qword: emit(.punpcklqdq, register, register, source)
    }
  }

  mutating func compileSplat(_ width: Width) {
    let entry = pop()
    if entry.kind == .constant {
      return pushConstant(V128(splat: entry.bits, width))
    }
    let source = general(entry)
    let result = allocateVector()
    switch width {
    case .byte where target.hasAVX512:
      emit(.pbroadcastbFromGeneral, result, .register(source))
    case .word where target.hasAVX512:
      emit(.pbroadcastwFromGeneral, result, .register(source))
    default:
      assembler.move(width == .qword ? .qword : .dword, result, source)
      splat(result, width)
    }
    push(result, .v128)
  }

  mutating func compileFloatSplat(_ width: Width) {
    let entry = pop()
    if entry.kind == .constant {
      return pushConstant(V128(splat: entry.bits, width))
    }
    if width == .qword {
      let source = operand(entry)
      let result = entry.kind == .register ? entry.register.vector : allocateVector()
      emit(.movddup, result, source)
      return push(result, .v128)
    }
    let source = vector(entry)
    let result = entry.kind == .register ? source : allocateVector()
    emit(.shufps, result, source, source, 0)
    push(result, .v128)
  }

  // MARK: Extract

  /// The place of a lane that is in memory.
  func lane(_ entry: Entry, at byte: Int) -> Operand {
    .memory(.rsp, Int32(truncatingIfNeeded: slots.offset(of: Int(entry.bits)) + byte))
  }

  mutating func extractLane(
    _ i: Instruction, _ width: Width, isSigned: Bool = false
  ) {
    let type: ValueType = width == .qword ? .i64 : .i32
    let entry = pop()
    if let constant = constant(entry) {
      return push(.constant(type, constant.lane(i.index, width, isSigned: isSigned)))
    }
    let source = entry.kind == .home ? nil : vector(entry)
    let result = allocateGeneral()
    if let source {
      if i.index == 0 && (width == .dword || width == .qword) {
        assembler.move(width, result, source)
      } else {
        emit(width.extract, source, .register(result), UInt8(i.index))
      }
      if isSigned {
        assembler.loadSignExtended(result, to: .dword, from: width, .register(result))
      }
    } else {
      let source = lane(entry, at: i.index * width.size)
      switch width {
      case .dword, .qword: assembler.load(width, result, source)
      case .byte, .word:
        if isSigned {
          assembler.loadSignExtended(result, to: .dword, from: width, source)
        } else {
          assembler.loadZeroExtended(result, from: width, source)
        }
      }
    }
    push(result, type)
  }

  mutating func extractFloat(_ i: Instruction, _ type: ValueType) {
    let width = type.width
    let entry = pop()
    if let constant = constant(entry) {
      return push(.constant(type, constant.lane(i.index, width, isSigned: false)))
    }
    if entry.kind == .home {
      let result = allocateVector()
      assembler.load(type.precision, result, lane(entry, at: i.index * width.size))
      return push(result, type)
    }
    let source = vector(entry)
    let result = entry.kind == .register ? source : allocateVector()
    if i.index == 0 {
      if result != source { assembler.move(result, source) }
    } else {
      let lanes = width == .dword ? UInt8(i.index) : 0xEE
      emit(.pshufd, result, .vector(source), lanes)
    }
    push(result, type)
  }

  // MARK: Replace

  mutating func replaceLane(_ i: Instruction, _ instruction: Packed) {
    let value = pop()
    let source = operand(value)
    let result = popOwned()
    emit(instruction, result, result, source, UInt8(i.index))
    push(result, .v128)
  }

  mutating func replaceFloat(_ i: Instruction, _ type: ValueType) {
    let value = pop()
    let source = vector(value)
    let result = popOwned()
    if type == .f32 {
      emit(.insertps, result, result, source, UInt8(i.index) << 4)
    } else {
      emit(i.index == 0 ? .movsd : .movlhps, result, result, source)
    }
    push(result, .v128)
  }
}

extension Width {
  /// In bytes.
  var size: Int { 1 << Int(rawValue) }
}

extension V128 {
  /// The low bits in each lane.
  init(splat bits: UInt64, _ width: Width) {
    switch width {
    case .byte: self.init(splat: UInt8(truncatingIfNeeded: bits))
    case .word: self.init(splat: UInt16(truncatingIfNeeded: bits))
    case .dword: self.init(splat: UInt32(truncatingIfNeeded: bits))
    case .qword: self.init(splat: bits)
    }
  }

  /// A lane, extended to 32 bits if it is shorter.
  func lane(_ index: Int, _ width: Width, isSigned: Bool) -> UInt64 {
    let bit = 8 * index * width.size
    let bits = (bit < 64 ? low : high) >> UInt64(bit & 63)
    switch width {
    case .byte:
      return isSigned
        ? UInt64(UInt32(bitPattern: Int32(Int8(truncatingIfNeeded: bits)))) : bits & 0xFF
    case .word:
      return isSigned
        ? UInt64(UInt32(bitPattern: Int32(Int16(truncatingIfNeeded: bits)))) : bits & 0xFFFF
    case .dword: return bits & 0xFFFF_FFFF
    case .qword: return bits
    }
  }
}
