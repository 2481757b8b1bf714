import Testing
import Wasm
import WasmText

@Suite struct BodyWalkerTests {
  private struct Step: Equatable, CustomStringConvertible {
    var mnemonic: String
    var blocks: [String]
    var loopDepth: Int
    var isReachable: Bool

    var description: String {
      "\(mnemonic) in \(blocks), \(loopDepth) loops\(isReachable ? "" : ", unreachable")"
    }
  }

  private func walk(_ body: String) throws -> (steps: [Step], walker: BodyWalker) {
    let module = try Module(
      validating: assemble("(module (func) (func (param i32) (result i32) \(body)))"))
    var walker = BodyWalker(module, function: 1)
    var steps: [Step] = []
    while try walker.next() {
      #expect(walker.ordinal == steps.count)
      #expect(walker.instruction.offset >= module.functions[1].body.lowerBound)
      steps.append(
        Step(
          mnemonic: walker.instruction.opcode.info.mnemonic,
          blocks: walker.blocks.map(\.opcode.info.mnemonic), loopDepth: walker.loopDepth,
          isReachable: walker.isReachable))
    }
    return (steps, walker)
  }

  /// An opener is not in its block, its `else` and `end` are; the body's `end` is in none.
  @Test func blocksAroundInstructions() throws {
    let (steps, walker) = try walk(
      """
      block
        loop
          local.get 0
          br_if 0
        end
      end
      local.get 0
      if (result i32)
        i32.const 1
      else
        i32.const 2
      end
      """)
    let expected: [(String, [String], Int)] = [
      ("block", [], 0), ("loop", ["block"], 0), ("local.get", ["block", "loop"], 1),
      ("br_if", ["block", "loop"], 1), ("end", ["block", "loop"], 1), ("end", ["block"], 0),
      ("local.get", [], 0), ("if", [], 0), ("i32.const", ["if"], 0), ("else", ["if"], 0),
      ("i32.const", ["if"], 0), ("end", ["if"], 0), ("end", [], 0),
    ]
    #expect(
      steps
        == expected.map {
          Step(mnemonic: $0.0, blocks: $0.1, loopDepth: $0.2, isReachable: true)
        })
    #expect(walker.blocks.isEmpty)
  }

  @Test func unreachableCodeEndsWithItsBlock() throws {
    let (steps, _) = try walk(
      """
      block
        br 0
        nop
        block
          nop
        end
        loop
          nop
        end
      end
      local.get 0
      if
        unreachable
      else
        nop
      end
      i32.const 3
      return
      nop
      i32.const 4
      """)
    let unreachable = steps.enumerated().filter { !$0.element.isReachable }.map(\.offset)
    // From the nop behind the br to the last `end` in its block; the nop and the constant behind the return.
    #expect(unreachable == [2, 3, 4, 5, 6, 7, 8, 18, 19])
    #expect([18, 19].map { steps[$0].mnemonic } == ["nop", "i32.const"])
  }

  @Test func labelsNameBlocks() throws {
    let module = try Module(
      validating: assemble("(module (func block loop br 0 end end))"))
    var walker = BodyWalker(module, function: 0)
    while try walker.next() {
      guard walker.instruction.opcode == .br else { continue }
      #expect(walker.target(0)?.opcode == .loop)
      #expect(walker.target(0)?.ordinal == 1)
      #expect(walker.target(1)?.opcode == .block)
      #expect(walker.target(1)?.offset == module.functions[0].body.lowerBound)
      #expect(walker.target(2) == nil)
    }
  }

  @Test func blocksAreNumberedInOrder() throws {
    let module = try Module(
      validating: assemble(
        "(module (func (param i32) block end local.get 0 if block end else loop end end))"))
    var walker = BodyWalker(module, function: 0)
    var opened: [Int] = []
    var closed: [(number: Int, isDivided: Bool)] = []
    while try walker.next() {
      let control = walker.instruction.opcode.control
      if control.contains(.opensBlock) { opened.append(walker.blockCount) }
      if control.contains(.dividesBlock) { #expect(walker.blocks.last?.isDivided == false) }
      if control.contains(.closesBlock), let block = walker.blocks.last {
        closed.append((block.number, block.isDivided))
      }
    }
    #expect(opened == [0, 1, 2, 3])
    #expect(closed.map(\.number) == [0, 2, 3, 1])
    #expect(closed.map(\.isDivided) == [false, false, false, true])
  }

  // MARK: Meaning of immediates

  @Test func whatCallsHasACallee() {
    for opcode in Opcode.allCases {
      let instruction = Instruction(opcode: opcode, offset: 0, end: 0)
      #expect((instruction.callee != nil) == opcode.effects.contains(.calls), "\(opcode)")
      if instruction.targets != .none, instruction.targets != .handlers {
        #expect(opcode.control.contains(.mayBranch), "\(opcode)")
      }
    }
    var call = Instruction(opcode: .callIndirect, offset: 0, end: 0)
    call.index = 3
    call.index2 = 1
    #expect(call.callee == .table(1, typeIndex: 3))
  }

  // MARK: Effects

  /// Each instruction that gives no result does something, or belongs to control; and what names a memory, global or table uses it.
  @Test func effectsFitImmediates() {
    for opcode in Opcode.allCases {
      let info = opcode.info
      if let signature = info.signature, signature.results.isEmpty, opcode != .nop {
        #expect(!info.effects.isDisjoint(with: .writes), "\(info.mnemonic)")
      }
      switch info.immediate {
      case .memory, .memoryAndMemory, .dataAndMemory, .memoryArgument, .memoryArgumentAndLane,
        .atomicArgument, .zero:
        #expect(
          !info.effects.isDisjoint(with: [.readsMemory, .writesMemory]), "\(info.mnemonic)")
      case .table, .tableAndTable, .elementAndTable:
        #expect(!info.effects.isDisjoint(with: [.readsTable, .writesTable]), "\(info.mnemonic)")
      case .global:
        #expect(!info.effects.isDisjoint(with: [.readsGlobal, .writesGlobal]), "\(info.mnemonic)")
      case .local:
        #expect(!info.effects.isDisjoint(with: [.readsLocal, .writesLocal]), "\(info.mnemonic)")
      case .data, .element: #expect(info.effects == .dropsSegment, "\(info.mnemonic)")
      case .block, .tryTable: #expect(info.control == .opensBlock, "\(info.mnemonic)")
      case .label, .labels, .cast: #expect(info.control.contains(.mayBranch), "\(info.mnemonic)")
      case .type where info.prefix == 0xFB, .typeAndField, .typeAndCount, .typeAndData,
        .typeAndElement, .typeAndType:
        let others = info.effects.subtracting([.readsObject, .writesObject, .mayTrap])
        #expect(others.isEmpty && info.effects.contains(.mayTrap), "\(info.mnemonic)")
      case .function where opcode != .refFunc, .typeAndTable, .type:
        #expect(info.effects.contains(.calls), "\(info.mnemonic)")
      default: #expect(info.effects.subtracting(.mayTrap).isEmpty, "\(info.mnemonic)")
      }
      #expect(info.effects == opcode.effects && info.control == opcode.control)
    }
    #expect(Opcode.allCases.filter { $0.control.contains(.closesBlock) } == [.end, .delegate])
    #expect(
      Opcode.allCases.filter { $0.control.contains(.dividesBlock) } == [.else, .catch, .catchAll])
  }
}
