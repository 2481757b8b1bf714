import Feedback
import Wasm
import WasmText

/// One of everything that is counted.
let sampleText = """
  (module
    (import "host" "log" (func $log (param i32)))
    (type $unary (func (param i32) (result i32)))
    (table 4 funcref)
    (elem (i32.const 0) $double $square $negate $log)
    (global $calls (mut i32) (i32.const 0))
    (func $double (type $unary) (i32.add (local.get 0) (local.get 0)))
    (func $square (type $unary) (i32.mul (local.get 0) (local.get 0)))
    (func $negate (type $unary) (i32.sub (i32.const 0) (local.get 0)))
    (func $run (param $n i32) (result i32) (local $sum i32)
      (block $done
        (loop $again
          (br_if $done (i32.eqz (local.get $n)))
          (local.set $sum (i32.add (local.get $sum)
            (call_indirect (type $unary)
              (local.get $n) (i32.rem_u (local.get $n) (i32.const 3)))))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (if (i32.eq (local.get $n) (i32.const 7)) (then (call $log (local.get $n))))
          (block $b (block $a (br_table $a $b $b (local.get $n))))
          (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
          (br $again)))
      (return (local.get $sum))
      (call $double (i32.const 1)) (drop))
    (func $never (result i32) (call $run (i32.const 1)))
    (export "run" (func $run)))
  """

func decode(_ text: String) throws -> Module { try Module(validating: assemble(text)) }

/// A counters area in memory, filled as instrumented code would do it.
struct Counters {
  let module: Module
  let layout: FeedbackLayout
  var bytes: [UInt8]

  init(_ module: Module) {
    self.module = module
    layout = FeedbackLayout(module)
    bytes = [UInt8](repeating: 0, count: layout.size)
  }

  mutating func set(_ offset: Int, _ value: UInt64) {
    for index in 0..<8 {
      bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))
    }
  }

  /// Byte offsets of a function's records with their instructions, in order.
  func records(_ function: Int) throws -> [(instruction: Instruction, offset: Int)] {
    var result: [(Instruction, Int)] = []
    var cursor = layout.cursor(function: function)
    var reader = InstructionReader(module, function: function)
    while let instruction = try reader.next() {
      if let offset = cursor.next(instruction) { result.append((instruction, offset)) }
    }
    return result
  }

  func place(_ function: Int, _ opcode: Opcode) throws -> Int {
    try records(function).first { $0.instruction.opcode == opcode }!.offset
  }

  func profile() throws -> ProfileFile {
    try bytes.withUnsafeBytes {
      try ProfileFile(module: module, layout: layout, blocks: [CounterBlock($0)])
    }
  }
}

/// The sample with a plausible run in its counters: 30 rounds.
func recordedSample() throws -> Counters {
  var counters = Counters(try decode(sampleText))
  let run = 4
  counters.set(counters.layout.cursor(function: run).entry, 1)
  for function in 1...3 { counters.set(counters.layout.cursor(function: function).entry, 10) }
  counters.set(try counters.place(run, .loop), 30)
  counters.set(try counters.place(run, .brIf), 1)
  counters.set(try counters.place(run, .if), 1)
  let table = try counters.place(run, .brTable)
  counters.set(table, 1)
  counters.set(table + 8, 1)
  counters.set(table + 16, 28)
  let site = try counters.place(run, .callIndirect)
  for slot in 0..<3 {
    counters.set(site + TargetRecord.key(slot), TargetRecord.key(function: 1 + slot))
    // What is left for the first one is 10.
    if slot > 0 { counters.set(site + TargetRecord.count(slot), UInt64(10 - slot)) }
  }
  counters.set(site + TargetRecord.foreignCount, 3)
  return counters
}
