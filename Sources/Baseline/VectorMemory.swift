import Wasm
import X64

/// Vectors in memory (spec 4.4.7). An access is one instruction, so that it faults before any byte is written.
extension FunctionCompiler {
  /// `emit` loads into the register.
  private mutating func vectorLoad(
    _ i: Instruction, _ emit: (inout FunctionCompiler, VectorRegister, Operand) -> Void
  ) {
    let index = pop()
    let source = address(index, i)
    let result = allocateVector()
    recordLocation()
    emit(&self, result, source)
    push(result, .v128)
  }

  mutating func loadVector(_ i: Instruction) {
    vectorLoad(i) { $0.assembler.load($1, $2) }
  }

  /// Loads 8 bytes and extends each lane.
  mutating func loadExtended(_ i: Instruction, _ instruction: Packed) {
    vectorLoad(i) { $0.emit(instruction, $1, $2) }
  }

  /// Loads one lane; the others become 0.
  mutating func loadZeroExtended(_ i: Instruction, _ precision: Precision) {
    vectorLoad(i) { $0.assembler.load(precision, $1, $2) }
  }

  mutating func loadSplat(_ i: Instruction, _ width: Width) {
    vectorLoad(i) { compiler, result, source in
      if compiler.target.hasAVX2 || width == .qword {
        return compiler.emit(width.broadcast, result, source)
      }
      if width == .dword {
        compiler.assembler.load(.single, result, source)
      } else {
        compiler.assembler.loadZeroExtended(Self.scratch, from: width, source)
        compiler.assembler.move(.dword, result, Self.scratch)
      }
      compiler.splat(result, width)
    }
  }

  mutating func loadLane(_ i: Instruction, _ instruction: Packed) {
    let result = popOwned()
    let index = pop()
    let source = address(index, i)
    recordLocation()
    emit(instruction, result, result, source, UInt8(i.index2))
    push(result, .v128)
  }

  mutating func storeVector(_ i: Instruction) {
    let value = pop()
    let index = pop()
    let source = vector(value)
    let target = address(index, i)
    recordLocation()
    assembler.store(target, source)
  }

  mutating func storeLane(_ i: Instruction, _ width: Width) {
    let value = pop()
    let index = pop()
    let source = vector(value)
    let target = address(index, i)
    let lane = UInt8(i.index2)
    recordLocation()
    switch (width, lane) {
    case (.dword, 0): assembler.store(.single, target, source)
    case (.qword, 0): assembler.store(.double, target, source)
    case (.qword, _): emit(.movhps, source, target)
    default: emit(width.extract, source, target, lane)
    }
  }
}

extension Width {
  /// Copies the lane at an address to all lanes. All but the last with AVX2.
  fileprivate var broadcast: Packed {
    switch self {
    case .byte: .pbroadcastb
    case .word: .pbroadcastw
    case .dword: .pbroadcastd
    case .qword: .movddup
    }
  }

  /// Copies a lane of this width to a general register, or to memory.
  var extract: Packed {
    switch self {
    case .byte: .pextrb
    case .word: .pextrw
    case .dword: .pextrd
    case .qword: .pextrq
    }
  }
}
