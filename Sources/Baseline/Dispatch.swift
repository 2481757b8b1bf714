import Contract
import Wasm
import X64

extension FunctionCompiler {
  /// Compiles one reachable instruction. The cases are in the order of ``Opcode``.
  mutating func dispatch(_ i: Instruction) throws(WasmError) {
    switch i.opcode {
    case .unreachable: compileUnreachable()
    // Nobody else sees an order of accesses.
    case .nop, .atomicFence: break
    case .block: compileBlock(i)
    case .loop: compileLoop(i)
    case .if: compileIf(i)
    case .else: compileElse()
    case .end, .delegate: compileEnd()
    case .tryTable, .try: compileTry(i)
    case .catch, .catchAll: compileArm()
    case .throw: compileThrow(i.index)
    case .throwRef: compileThrowRef()
    case .rethrow: compileRethrow(i.index)
    case .br: compileBranch(i.index)
    case .brIf: compileBranchIf(i.index)
    case .brTable: compileBranchTable(i.labels)
    case .return: compileReturn()
    case .call: compileCall(i.index)
    case .callIndirect, .callRef: compileIndirectCall(i.callee!)
    case .returnCall: compileReturnCall(i.index)
    case .returnCallIndirect, .returnCallRef: compileIndirectReturnCall(i.callee!)
    case .drop: _ = pop()
    case .select, .selectT: compileSelect(i)

    case .localGet: pushLocal(i.index)
    case .localSet: compileLocalSet(i.index, isTee: false)
    case .localTee: compileLocalSet(i.index, isTee: true)
    case .globalGet: compileGlobalGet(i.index)
    case .globalSet: compileGlobalSet(i.index)
    case .tableGet: compileTableGet(i.index)

    case .i32Load: load(i, .i32) { $0.load(.dword, $1, $2) }
    case .i64Load: load(i, .i64) { $0.load(.qword, $1, $2) }
    case .f32Load: loadFloat(i, .f32)
    case .f64Load: loadFloat(i, .f64)
    case .i32Load8S: load(i, .i32) { $0.loadSignExtended($1, to: .dword, from: .byte, $2) }
    case .i32Load8U: load(i, .i32) { $0.loadZeroExtended($1, from: .byte, $2) }
    case .i32Load16S: load(i, .i32) { $0.loadSignExtended($1, to: .dword, from: .word, $2) }
    case .i32Load16U: load(i, .i32) { $0.loadZeroExtended($1, from: .word, $2) }
    case .i64Load8S: load(i, .i64) { $0.loadSignExtended($1, to: .qword, from: .byte, $2) }
    case .i64Load8U: load(i, .i64) { $0.loadZeroExtended($1, from: .byte, $2) }
    case .i64Load16S: load(i, .i64) { $0.loadSignExtended($1, to: .qword, from: .word, $2) }
    case .i64Load16U: load(i, .i64) { $0.loadZeroExtended($1, from: .word, $2) }
    case .i64Load32S: load(i, .i64) { $0.loadSignExtended($1, to: .qword, from: .dword, $2) }
    case .i64Load32U: load(i, .i64) { $0.load(.dword, $1, $2) }
    case .i32Store, .i64Store32: store(i, .dword)
    case .i64Store: store(i, .qword)
    case .f32Store: storeFloat(i, .single)
    case .f64Store: storeFloat(i, .double)
    case .i32Store8, .i64Store8: store(i, .byte)
    case .i32Store16, .i64Store16: store(i, .word)
    case .memorySize: compileMemorySize(i.index)

    case .i32Const: push(.constant(.i32, i.bits & 0xFFFF_FFFF))
    case .i64Const: push(.constant(.i64, i.bits))
    case .f32Const: push(.constant(.f32, i.bits))
    case .f64Const: push(.constant(.f64, i.bits))

    case .i32Eqz: compileEqualZero()
    case .i32Eq, .i64Eq: compare(.equal)
    case .i32Ne, .i64Ne: compare(.notEqual)
    case .i32LtS, .i64LtS: compare(.less)
    case .i32LtU, .i64LtU: compare(.below)
    case .i32GtS, .i64GtS: compare(.greater)
    case .i32GtU, .i64GtU: compare(.above)
    case .i32LeS, .i64LeS: compare(.lessOrEqual)
    case .i32LeU, .i64LeU: compare(.belowOrEqual)
    case .i32GeS, .i64GeS: compare(.greaterOrEqual)
    case .i32GeU, .i64GeU: compare(.aboveOrEqual)
    case .i64Eqz: compileEqualZero()
    case .f32Eq, .f64Eq: compareFloat(.floatEqual)
    case .f32Ne, .f64Ne: compareFloat(.floatNotEqual)
    case .f32Lt, .f64Lt: compareFloat(Test(.above), swapped: true)
    case .f32Gt, .f64Gt: compareFloat(Test(.above))
    case .f32Le, .f64Le: compareFloat(Test(.aboveOrEqual), swapped: true)
    case .f32Ge, .f64Ge: compareFloat(Test(.aboveOrEqual))

    case .i32Clz: countLeadingZeros(.i32)
    case .i32Ctz: countTrailingZeros(.i32)
    case .i32Popcnt: populationCount(.i32)
    case .i32Add: add(.i32)
    case .i32Sub: subtract(.i32)
    case .i32Mul: multiply(.i32)
    case .i32DivS: divide(.i32, isSigned: true, isRemainder: false)
    case .i32DivU: divide(.i32, isSigned: false, isRemainder: false)
    case .i32RemS: divide(.i32, isSigned: true, isRemainder: true)
    case .i32RemU: divide(.i32, isSigned: false, isRemainder: true)
    case .i32And: arithmetic(.and, .i32)
    case .i32Or: arithmetic(.or, .i32)
    case .i32Xor: arithmetic(.xor, .i32)
    case .i32Shl: shift(.shl, .i32)
    case .i32ShrS: shift(.sar, .i32)
    case .i32ShrU: shift(.shr, .i32)
    case .i32Rotl: shift(.rol, .i32)
    case .i32Rotr: shift(.ror, .i32)
    case .i64Clz: countLeadingZeros(.i64)
    case .i64Ctz: countTrailingZeros(.i64)
    case .i64Popcnt: populationCount(.i64)
    case .i64Add: add(.i64)
    case .i64Sub: subtract(.i64)
    case .i64Mul: multiply(.i64)
    case .i64DivS: divide(.i64, isSigned: true, isRemainder: false)
    case .i64DivU: divide(.i64, isSigned: false, isRemainder: false)
    case .i64RemS: divide(.i64, isSigned: true, isRemainder: true)
    case .i64RemU: divide(.i64, isSigned: false, isRemainder: true)
    case .i64And: arithmetic(.and, .i64)
    case .i64Or: arithmetic(.or, .i64)
    case .i64Xor: arithmetic(.xor, .i64)
    case .i64Shl: shift(.shl, .i64)
    case .i64ShrS: shift(.sar, .i64)
    case .i64ShrU: shift(.shr, .i64)
    case .i64Rotl: shift(.rol, .i64)
    case .i64Rotr: shift(.ror, .i64)

    case .f32Abs, .f64Abs: changeSign(.and)
    case .f32Neg, .f64Neg: changeSign(.xor)
    case .f32Ceil, .f64Ceil: round(.ceil)
    case .f32Floor, .f64Floor: round(.floor)
    case .f32Trunc, .f64Trunc: round(.truncate)
    case .f32Nearest, .f64Nearest: round(.nearest)
    case .f32Sqrt, .f64Sqrt: squareRoot()
    case .f32Add, .f64Add: scalar(.add, isCommutative: true)
    case .f32Sub, .f64Sub: scalar(.sub)
    case .f32Mul, .f64Mul: scalar(.mul, isCommutative: true)
    case .f32Div, .f64Div: scalar(.div)
    case .f32Min, .f64Min: extremum(.min)
    case .f32Max, .f64Max: extremum(.max)
    case .f32Copysign, .f64Copysign: copySign()

    case .i32WrapI64: wrap()
    case .i32TruncF32S, .i32TruncF64S, .i32TruncSatF32S, .i32TruncSatF64S:
      truncate(.i32, isSigned: true, saturates: i.opcode.isSaturating)
    case .i32TruncF32U, .i32TruncF64U, .i32TruncSatF32U, .i32TruncSatF64U:
      truncate(.i32, isSigned: false, saturates: i.opcode.isSaturating)
    case .i64TruncF32S, .i64TruncF64S, .i64TruncSatF32S, .i64TruncSatF64S:
      truncate(.i64, isSigned: true, saturates: i.opcode.isSaturating)
    case .i64TruncF32U, .i64TruncF64U, .i64TruncSatF32U, .i64TruncSatF64U:
      truncate(.i64, isSigned: false, saturates: i.opcode.isSaturating)
    case .i64ExtendI32S, .i64Extend32S: extend(.i64, from: .dword)
    case .i64ExtendI32U: extendUnsigned()
    case .f32ConvertI32S, .f32ConvertI64S: convert(.f32, isSigned: true)
    case .f32ConvertI32U, .f32ConvertI64U: convert(.f32, isSigned: false)
    case .f64ConvertI32S, .f64ConvertI64S: convert(.f64, isSigned: true)
    case .f64ConvertI32U, .f64ConvertI64U: convert(.f64, isSigned: false)
    case .f32DemoteF64: changePrecision(.f32)
    case .f64PromoteF32: changePrecision(.f64)
    case .i32ReinterpretF32: reinterpret(.i32)
    case .i64ReinterpretF64: reinterpret(.i64)
    case .f32ReinterpretI32: reinterpret(.f32)
    case .f64ReinterpretI64: reinterpret(.f64)
    case .i32Extend8S: extend(.i32, from: .byte)
    case .i32Extend16S: extend(.i32, from: .word)
    case .i64Extend8S: extend(.i64, from: .byte)
    case .i64Extend16S: extend(.i64, from: .word)

    case .refNull: push(.constant(i.selectType, 0))
    case .refIsNull: compileEqualZero()
    case .refFunc: compileRefFunc(i.index)
    case .refAsNonNull: compileAsNonNull()
    case .brOnNull: compileBranchOnNull(i.index)
    case .brOnNonNull: compileBranchOnNonNull(i.index)
    case .tableSize: compileTableSize(i.index)
    default:
      if let call = RuntimeCall(i) { return runtimeCall(call, i) }
      guard dispatchVector(i) || dispatchAtomic(i) || dispatchWide(i) else { throw unsupported(i) }
    }
  }
}

extension Opcode {
  /// Whether a truncation to an integer clamps values that are out of range (spec 4.3.3).
  fileprivate var isSaturating: Bool { !effects.contains(.mayTrap) }
}
