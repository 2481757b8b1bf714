import Wasm

/// Makes direct calls of a module's own functions, tail calls included, indirect ones, since other generators make few of these. Targets are put
/// behind the first table's elements in groups of two of one type, and the last global (which the modules of binaryen's fuzzer
/// count down) says which of both it is:
///
///     call $f    =>    (call_indirect (type $f) ... (i32.add (i32.const base) (i32.and (global.get $last) (i32.const 1))))
///
/// So it is another program; but one that does the same everywhere.
struct Indirection {
  private let module: Module
  private let global: Int
  /// Elements that the table had.
  private let first: Int
  /// Behind them.
  private var elements: [Int] = []
  private var groups: [Int: Int] = [:]

  /// Nil if the module lacks what it takes.
  init?(_ module: Module) {
    guard let table = module.tables.first, table.element == .funcref,
      module.importedTableCount == 0, table.limits.min < 1 << 20,
      let global = module.globals.last, global.type.value == .i32,
      module.globals.count > module.importedGlobalCount
    else { return nil }
    self.module = module
    self.global = module.globals.count - 1
    first = Int(table.limits.min)
  }

  /// - Returns: the module's bytes; nil if there is no such call.
  mutating func apply() throws -> [UInt8]? {
    let bodies = try (module.importedFunctionCount..<module.functions.count).map { try body($0) }
    guard !elements.isEmpty else { return nil }
    var result = Array(module.bytes[..<8])
    var hasElements = false
    var reader = SectionReader(module.bytes)
    while let (id, contents) = reader.next() {
      if !hasElements && (id == 9 || id == 10 || id == 12) {
        hasElements = true
        append(&result, 9, elementSection(id == 9 ? contents : [0]))
        if id == 9 { continue }
      }
      switch id {
      case 4: append(&result, 4, tableSection(contents))
      case 10: append(&result, 10, leb(bodies.count) + bodies.flatMap { leb($0.count) + $0 })
      default: append(&result, id, contents)
      }
    }
    return result
  }

  // MARK: Bodies

  private mutating func body(_ function: Int) throws -> [UInt8] {
    let row = module.functions[function]
    var result = Array(module.bytes[row.code.lowerBound..<row.body.lowerBound])
    var copied = row.body.lowerBound
    var reader = InstructionReader(module, function: function)
    var pending: Instruction?
    while true {
      let next = try reader.next()
      if let call = pending {
        result += module.bytes[copied..<call.offset] + indirect(call)
        copied = next?.offset ?? row.body.upperBound
      }
      pending = nil
      guard let next else { break }
      if case .function(let index)? = next.callee, index >= module.importedFunctionCount {
        pending = next
      }
    }
    return result + module.bytes[copied..<row.body.upperBound]
  }

  private mutating func indirect(_ call: Instruction) -> [UInt8] {
    let base = first + group(of: call.index)
    return [0x23] + leb(global) + [0x41, 1, 0x71, 0x41] + signedLEB(base)
      + [0x6A, call.isTailCall ? 0x13 : 0x11] + leb(module.functions[call.index].typeIndex) + [0]
  }

  /// Where the target stands, with the next function of its type behind it.
  private mutating func group(of target: Int) -> Int {
    if let known = groups[target] { return known }
    let start = elements.count
    let type = module.type(ofFunction: target)
    let others = Array(module.functions.indices[(target + 1)...]) + Array(0..<target)
    elements += [target, others.first { module.type(ofFunction: $0) == type } ?? target]
    groups[target] = start
    return start
  }

  // MARK: Sections

  /// The first table's limits grow; others stay.
  private func tableSection(_ contents: [UInt8]) -> [UInt8] {
    let limits = module.tables[0].limits
    let more = UInt64(elements.count)
    var row: [UInt8] = [AbstractHeapType.func.rawValue, limits.max == nil ? 0 : 1]
    row += leb(Int(limits.min + more))
    if let most = limits.max { row += leb(Int(min(most, 1 << 20) + more)) }
    let old =
      [AbstractHeapType.func.rawValue, limits.max == nil ? 0 : 1] + leb(Int(limits.min))
      + (limits.max.map { leb(Int($0)) } ?? [])
    let countSize = leb(module.tables.count).count
    return Array(contents[..<countSize]) + row + contents[(countSize + old.count)...]
  }

  private func elementSection(_ contents: [UInt8]) -> [UInt8] {
    let count = module.elements.count
    let segment =
      [0x00, 0x41] + signedLEB(first) + [0x0B] + leb(elements.count)
      + elements.flatMap(leb)
    return leb(count + 1) + contents[leb(count).count...] + segment
  }

  private func append(_ bytes: inout [UInt8], _ id: UInt8, _ contents: [UInt8]) {
    bytes += [id] + leb(contents.count) + contents
  }

  private func leb(_ value: Int) -> [UInt8] {
    var result: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      result.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return result + [UInt8(rest)]
  }

  /// Of a number that is not negative.
  private func signedLEB(_ value: Int) -> [UInt8] {
    var result: [UInt8] = []
    var rest = value
    while rest >= 0x40 {
      result.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return result + [UInt8(rest)]
  }
}

/// The sections of a valid module.
private struct SectionReader {
  private let bytes: [UInt8]
  private var offset = 8

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> (UInt8, [UInt8])? {
    guard offset < bytes.count else { return nil }
    let id = bytes[offset]
    offset += 1
    var size = 0
    var shift = 0
    while true {
      let byte = bytes[offset]
      offset += 1
      size |= Int(byte & 0x7F) << shift
      shift += 7
      if byte < 0x80 { break }
    }
    defer { offset += size }
    return (id, Array(bytes[offset..<offset + size]))
  }
}
