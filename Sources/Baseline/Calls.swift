import Contract
import Wasm
import X64

/// A value that must be moved to a specific register.
struct RegisterMove {
  var entry: Entry
  /// Stack index of the operand, used if the operand is in its home.
  var operand: Int
  var destination: MachineRegister
}

/// Calls and returns (``CallingConvention``).
extension FunctionCompiler {
  private static let parameterRegisters: [Register] = [.rsi, .rdx, .rcx, .r8, .r9]
  /// The register for the table index of an indirect call.
  private static var indexRegister: Register { .r10 }

  private static func parameterRegister(_ location: CallingConvention.Location) -> MachineRegister?
  {
    switch location {
    case .integer(let number): MachineRegister(parameterRegisters[number])
    case .float(let number): MachineRegister(number: UInt8(truncatingIfNeeded: 16 + number))
    case .overflow: nil
    }
  }

  private static func resultRegister(_ location: CallingConvention.Location) -> MachineRegister? {
    switch location {
    case .integer(let number): MachineRegister(number == 0 ? Register.rax : .rdx)
    case .float(let number): MachineRegister(number: UInt8(truncatingIfNeeded: 16 + number))
    case .overflow: nil
    }
  }

  enum ParameterLocation {
    case register(MachineRegister)
    case overflow(Int)
  }

  func parameterLocations(_ types: [ValueType]) -> [ParameterLocation] {
    var assignment = CallingConvention.Assignment.parameters
    return types.map { type in
      let location = assignment.next(type)
      if let register = Self.parameterRegister(location) { return .register(register) }
      guard case .overflow(let offset) = location else { preconditionFailure("no register") }
      return .overflow(offset)
    }
  }

  // MARK: Moving into registers

  /// Performs all ``moves`` in parallel. Clobbers only the destinations and scratch registers.
  private mutating func emitMoves() {
    var waiting: [(source: MachineRegister, destination: MachineRegister)] = []
    for move in moves {
      let source: MachineRegister? =
        switch move.entry.kind {
        case .register: move.entry.register
        case .local: cachedRegister(Int(move.entry.bits))
        case .home, .constant, .flags: nil
        }
      if let source, source != move.destination { waiting.append((source, move.destination)) }
    }
    emitRegisterMoves(&waiting)
    for move in moves { loadIntoRegister(move) }
    moves.removeAll(keepingCapacity: true)
  }

  /// Emits first the moves whose destination is no longer a source. Breaks cycles with a scratch register.
  private mutating func emitRegisterMoves(
    _ waiting: inout [(source: MachineRegister, destination: MachineRegister)]
  ) {
    while !waiting.isEmpty {
      if let ready = waiting.firstIndex(where: { move in
        !waiting.contains { $0.source == move.destination }
      }) {
        let move = waiting.remove(at: ready)
        emitMove(move.source, move.destination)
      } else {
        let blocked = waiting[0].source
        let scratch =
          blocked.isVector ? MachineRegister(Self.vectorScratch) : MachineRegister(Self.scratch)
        emitMove(blocked, scratch)
        for index in waiting.indices where waiting[index].source == blocked {
          waiting[index].source = scratch
        }
      }
    }
  }

  private mutating func emitMove(_ source: MachineRegister, _ destination: MachineRegister) {
    if source.isVector {
      assembler.move(destination.vector, source.vector)
    } else {
      assembler.move(.qword, destination.general, source.general)
    }
  }

  /// Loads a value that is not yet in a register.
  private mutating func loadIntoRegister(_ move: RegisterMove) {
    let entry = move.entry
    switch entry.kind {
    case .register, .flags: return
    case .constant:
      if move.destination.isVector {
        loadConstant(entry.type, entry.bits, into: move.destination.vector)
      } else {
        assembler.move(move.destination.general, immediate: entry.bits)
      }
    case .local:
      if cachedRegister(Int(entry.bits)) == nil {
        loadSlot(Int(entry.bits), entry.type, into: move.destination)
      }
    case .home: loadSlot(slot(ofOperand: move.operand), entry.type, into: move.destination)
    }
  }

  mutating func loadSlot(
    _ slot: Int, _ type: ValueType, into register: MachineRegister
  ) {
    if register.isVector {
      load(register.vector, type, from: home(slot))
    } else {
      assembler.load(type.width, register.general, home(slot))
    }
  }

  // MARK: Overflow area

  private mutating func storeOverflow(_ index: Int, _ offset: Int) {
    let entry = stack[index]
    assembler.load(.qword, Self.scratch, field(ContextLayout.overflowArea))
    let target = Operand.memory(Self.scratch, Int32(truncatingIfNeeded: offset))
    switch entry.kind {
    case .register: store(entry.register, entry.type, to: target)
    case .constant where entry.type == .v128:
      load(entry, into: Self.vectorScratch)
      assembler.store(target, Self.vectorScratch)
    case .constant:
      assembler.store(.dword, target, Int32(truncatingIfNeeded: entry.bits))
      assembler.store(
        .dword, .memory(Self.scratch, Int32(truncatingIfNeeded: offset + 4)),
        Int32(truncatingIfNeeded: entry.bits >> 32))
    case .local:
      if let register = cachedRegister(Int(entry.bits)) {
        store(register, entry.type, to: target)
      } else {
        copyToOverflow(slot: Int(entry.bits), entry.type, target)
      }
    case .home: copyToOverflow(slot: slot(ofOperand: index), entry.type, target)
    case .flags: preconditionFailure("settled")
    }
  }

  private mutating func copyToOverflow(slot: Int, _ type: ValueType, _ target: Operand) {
    if type == .v128 {
      assembler.load(Self.vectorScratch, home(slot))
      return assembler.store(target, Self.vectorScratch)
    }
    assembler.load(type == .i32 ? .single : type.copyPrecision, Self.vectorScratch, home(slot))
    // An i32 is zero-extended: movss cleared the upper bits.
    assembler.store(.double, target, Self.vectorScratch)
  }

  mutating func copyFromOverflow(_ offset: Int, _ type: ValueType, toSlot slot: Int) {
    assembler.load(.qword, Self.scratch, field(ContextLayout.overflowArea))
    let source = Operand.memory(Self.scratch, Int32(truncatingIfNeeded: offset))
    if type == .v128 {
      assembler.load(Self.vectorScratch, source)
      return assembler.store(home(slot), Self.vectorScratch)
    }
    assembler.load(type.copyPrecision, Self.vectorScratch, source)
    assembler.store(type.copyPrecision, home(slot), Self.vectorScratch)
  }

  // MARK: Returning

  /// Moves the topmost operands to the locations of the function's results.
  mutating func moveResults() {
    let types = module.type(ofFunction: function).results
    let base = stack.count - types.count
    readyMoves(types, base, .results, register: Self.resultRegister)
    emitMoves()
  }

  /// Assigns operands from `base` up to the locations that the calling convention has for values of these types. Operands for
  /// registers become moves; the others are stored.
  private mutating func readyMoves(
    _ types: [ValueType], _ base: Int, _ assignment: CallingConvention.Assignment,
    register: (CallingConvention.Location) -> MachineRegister?
  ) {
    var assignment = assignment
    for (index, type) in types.enumerated() {
      let location = assignment.next(type)
      if let register = register(location) {
        moves.append(
          RegisterMove(entry: stack[base + index], operand: base + index, destination: register))
      } else if case .overflow(let offset) = location {
        storeOverflow(base + index, offset)
      }
    }
  }

  // MARK: Calling

  /// Moves the topmost operands to the argument locations of a call, and what finds the callee above them if there is such an
  /// operand. The code after this is shared by the call and by resuming before the call.
  /// - Parameter isTail: for a tail call, which needs nothing else of the frame.
  mutating func moveArguments(
    _ type: FunctionType, _ callee: Instruction.Callee, isTail: Bool = false
  ) {
    let base = stack.count - type.parameters.count - (selector(of: callee) == nil ? 0 : 1)
    if !isTail { storeHomes(below: base) }
    let site = callSites.count
    callSites.append(
      BaselineCallSite(
        byteOffset: byteOffset, resumeBefore: assembler.count, resumeAfter: nil))
    if cursor != nil || hasOverflow(type) {
      storeHomes()
      callSites[site].resumeBefore = assembler.count
      return loadArguments(type, base, callee)
    }
    loadArguments(type, base, callee)
    let ready = assembler.makeLabel()
    assembler.bind(ready)
    deferred.append(
      Deferred(
        kind: .resume(site: site, type: type, base: base, callee: callee, ready: ready),
        label: ready, byteOffset: byteOffset))
  }

  /// The operand above the arguments that finds the callee: its type, and the register that a call has it in.
  private func selector(of callee: Instruction.Callee) -> (type: ValueType, register: Register)? {
    switch callee {
    case .function: nil
    case .table(let table, _): (module.tables[table].addressType, Self.indexRegister)
    case .reference: (.funcref, .rax)
    }
  }

  private func hasOverflow(_ type: FunctionType) -> Bool {
    var assignment = CallingConvention.Assignment.parameters
    for type in type.parameters {
      if case .overflow = assignment.next(type) { return true }
    }
    return false
  }

  private mutating func loadArguments(
    _ type: FunctionType, _ base: Int, _ callee: Instruction.Callee
  ) {
    readyMoves(type.parameters, base, .parameters, register: Self.parameterRegister)
    if let selector = selector(of: callee) {
      moves.append(
        RegisterMove(
          entry: stack[stack.count - 1], operand: stack.count - 1,
          destination: MachineRegister(selector.register)))
    }
    emitMoves()
  }

  /// Loads arguments and what finds the callee from their homes, for a frame that the deoptimizer materialized.
  mutating func emitResume(
    _ site: Int, _ type: FunctionType, _ base: Int, _ callee: Instruction.Callee, _ ready: Label
  ) {
    callSites[site].resumeBefore = assembler.count
    reloadArguments(type, base, callee)
    assembler.jump(ready)
  }

  /// Loads what a call needs in registers from its homes.
  private mutating func reloadArguments(
    _ type: FunctionType, _ base: Int, _ callee: Instruction.Callee
  ) {
    var assignment = CallingConvention.Assignment.parameters
    for (number, type) in type.parameters.enumerated() {
      guard let register = Self.parameterRegister(assignment.next(type)) else { continue }
      loadSlot(slot(ofOperand: base + number), type, into: register)
    }
    if let selector = selector(of: callee) {
      loadSlot(
        slot(ofOperand: base + type.parameters.count), selector.type,
        into: MachineRegister(selector.register))
    }
  }

  /// Pushes the results of a call that was just emitted.
  private mutating func finishCall(_ type: FunctionType, operands: Int) {
    callSites[callSites.count - 1].resumeAfter = assembler.count
    markHandler()
    drop(to: stack.count - operands)
    forgetLocals()
    var assignment = CallingConvention.Assignment.results
    for type in type.results {
      let location = assignment.next(type)
      if case .overflow(let offset) = location {
        copyFromOverflow(offset, type, toSlot: slot(ofOperand: stack.count))
        pushHome(type)
      } else if let register = Self.resultRegister(location) {
        if register.isVector {
          push(register.vector, type)
        } else {
          // Addresses rely on zero-extension: do not trust the other tiers to guarantee it.
          if type == .i32 { assembler.move(.dword, register.general, register.general) }
          push(register.general, type)
        }
      }
    }
  }

  mutating func compileCall(_ callee: Int) {
    let type = module.type(ofFunction: callee)
    moveArguments(type, .function(callee))
    if callee < module.importedFunctionCount {
      let reference = layout.funcRef(callee)
      assembler.load(.qword, .rdi, field(reference + FuncRefLayout.context))
      recordLocation()
      assembler.call(field(reference + FuncRefLayout.code))
    } else {
      assembler.move(.qword, .rdi, .rbx)
      recordLocation()
      assembler.call(field(layout.entry(callee)))
    }
    finishCall(type, operands: type.parameters.count)
  }

  /// `call_indirect` and `call_ref`.
  mutating func compileIndirectCall(_ callee: Instruction.Callee) {
    let type = module.type(of: callee)
    prepareIndirectCall(type, callee)
    callReference(type)
  }

  /// Moves the arguments to their places, loads the reference to the callee into rax, checks it, and counts it while recording.
  /// - Parameter isTail: see ``moveArguments(_:_:isTail:)``.
  mutating func prepareIndirectCall(
    _ type: FunctionType, _ callee: Instruction.Callee, isTail: Bool = false
  ) {
    let isNullable = !stack[stack.count - 1].type.isNonNullReference
    moveArguments(type, callee, isTail: isTail)
    if case .table(let table, _) = callee { emitTargetBounds(table) }
    if let record { return countTarget(record, type, callee) }
    switch callee {
    case .function: break
    case .table(_, let typeIndex): emitTargetChecks(typeIndex)
    case .reference:
      guard isNullable else { return }
      assembler.test(.qword, .register(.rax), .rax)
      trap(if: .equal, .nullFunctionReference)
    }
  }

  /// Calls the function that rax refers to, whose arguments are in their places.
  private mutating func callReference(_ type: FunctionType) {
    assembler.load(.qword, .rdi, .memory(.rax, Int32(FuncRefLayout.context)))
    recordLocation()
    assembler.call(.memory(.rax, Int32(FuncRefLayout.code)))
    finishCall(type, operands: type.parameters.count + 1)
  }

  /// Checks the table's bounds and loads the function reference into rax.
  private mutating func emitTargetBounds(_ table: Int) {
    assembler.load(.qword, .rax, field(layout.table(table)))
    assembler.arithmetic(
      .cmp, .qword, Self.indexRegister, .memory(.rax, Int32(TableLayout.length)))
    trap(if: .aboveOrEqual, .undefinedElement)
    emitTargetLoad(table)
  }

  /// Checks the reference in rax. Clobbers rdi.
  private mutating func emitTargetChecks(_ typeIndex: Int) {
    assembler.test(.qword, .register(.rax), .rax)
    trap(if: .equal, .uninitializedElement)
    emitTypeTest(typeIndex)
    trap(if: .notEqual, .indirectCallTypeMismatch)
  }

  /// Sets the flags to equal if the function that rax refers to has the type or a subtype of it, else to unequal. Clobbers rdi.
  mutating func emitTypeTest(_ typeIndex: Int) {
    let (type, expected) = (module.types[typeIndex], field(layout.typeID(typeIndex)))
    assembler.load(.dword, .rdi, expected)
    assembler.arithmetic(.cmp, .dword, .rdi, .memory(.rax, Int32(FuncRefLayout.typeID)))
    if type.subType.isFinal { return }
    let isSame = assembler.shortJump(.equal)
    assembler.load(.qword, .rdi, .memory(.rax, Int32(FuncRefLayout.supertypes)))
    assembler.arithmetic(
      .cmp, .dword, .memory(.rdi, Int32(SupertypesLayout.count)), Int32(type.depth + 1))
    let isHigher = assembler.shortJump(.below)
    assembler.load(.dword, .rdi, .memory(.rdi, Int32(SupertypesLayout.entry(type.depth))))
    assembler.arithmetic(.cmp, .dword, .rdi, expected)
    assembler.bind(isHigher)
    assembler.bind(isSame)
  }

  private mutating func emitTargetLoad(_ table: Int) {
    assembler.load(.qword, .rax, field(layout.tableElements(table)))
    assembler.load(.qword, .rax, .memory(.rax, index: Self.indexRegister, scale: 8))
  }

  /// Reloads everything that the runtime clobbered while recording a target from the homes, and the reference into rax.
  mutating func emitTargetReload(_ type: FunctionType, _ base: Int, _ callee: Instruction.Callee) {
    reloadArguments(type, base, callee)
    if case .table(let table, _) = callee { emitTargetLoad(table) }
  }

  // MARK: Runtime calls

  /// Compiles an instruction that the runtime executes.
  mutating func runtimeCall(_ call: RuntimeCall, _ i: Instruction) {
    let leading = call.immediates(of: i)
    let operands = call.operandCount - leading.count
    let base = stack.count - operands
    storeHomes(below: base)
    for (number, value) in leading.enumerated() {
      moves.append(
        RegisterMove(
          entry: .constant(.i64, UInt64(value)), operand: 0,
          destination: MachineRegister(Self.parameterRegisters[number])))
    }
    for index in 0..<operands {
      moves.append(
        RegisterMove(
          entry: stack[base + index], operand: base + index,
          destination: MachineRegister(Self.parameterRegisters[leading.count + index])))
    }
    emitMoves()
    emitRuntimeCall(call)
    drop(to: base)
    forgetLocals()
    if call.canTrap {
      assembler.test(.dword, .register(.rax), .rax)
      trapWithCode(if: .notEqual)
    }
    if let result = call.result(of: i, module) {
      if result == .i32 { assembler.move(.dword, .rax, .rax) }
      push(.rax, result)
    }
  }

  /// Calls the runtime. The arguments are in their registers.
  mutating func emitRuntimeCall(_ call: RuntimeCall) {
    assembler.move(.qword, .rdi, .rbx)
    assembler.load(.qword, Self.scratch, field(ContextLayout.runtimeCalls))
    recordLocation()
    assembler.call(.memory(Self.scratch, Int32(8 * call.rawValue)))
  }
}

extension ValueType {
  /// The width with which a value of this type is copied through a vector register.
  fileprivate var copyPrecision: Precision { width == .dword ? .single : .double }
}
