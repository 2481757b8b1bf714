import Contract
import Wasm
import X64

/// What a statepoint is for. Its ``raw`` value is the statepoint's ID.
enum StatepointID: Hashable {
  /// A deopt: the number of the ``DeoptExit``.
  case exit(Int)
  /// A call, with its place.
  case call(TrapPlace)

  /// The place itself, or the complement of the number: no function has an index whose bits are all ones.
  var raw: UInt64 {
    switch self {
    case .exit(let number): ~UInt64(number)
    case .call(let place): place.raw
    }
  }

  init(raw: UInt64) {
    self = raw >> 32 == 0xFFFF_FFFF ? .exit(Int(~raw)) : .call(TrapPlace(raw: raw))
  }
}

/// One record of LLVM's stack map section (llvm.org/docs/StackMaps.html, format version 3).
struct StackMapRecord {
  /// ELF symbol of the function, and the offset in it of the return address of the statepoint's call.
  var function: String
  var functionOffset: Int
  var id: StatepointID
  /// Locations of the deopt operands only, as wide as there is room: ``ValueLocation/narrowed(to:)``.
  var locations: [ValueLocation]
  /// Bytes from rsp to rbp; nil if the distance varies because the frame is aligned to more than 16 bytes.
  var frameSize: Int?
}

/// Reads `.llvm_stackmaps` of a relocatable object.
///
/// Relocations in the section name the functions, in the order of the records.
func readStackMaps(_ object: [UInt8]) throws(CompileError) -> [StackMapRecord] {
  try readELF(object) { elf throws(ArtefactError) in
    guard let section = try elf.section(".llvm_stackmaps") else { return [] }
    var parser = StackMapParser(
      reader: ArtefactReader(elf.contents(section), section: section.name))
    return try parser.parse(functionNames: elf.functionNames(relocating: section))
  }
}

private struct StackMapParser {
  var reader: ArtefactReader
  var constants: [UInt64] = []

  /// - Parameter functionNames: by the section offset of the function's address.
  mutating func parse(functionNames: [Int: String]) throws(ArtefactError) -> [StackMapRecord] {
    guard try reader.integer(UInt8.self) == 3 else { throw reader.error("unknown version") }
    _ = try reader.raw(3)
    let functionCount = Int(try reader.integer(UInt32.self))
    let constantCount = Int(try reader.integer(UInt32.self))
    _ = try reader.integer(UInt32.self)
    var functions: [(name: String, frameSize: Int?, recordCount: Int)] = []
    for _ in 0..<functionCount {
      guard let name = functionNames[reader.position] else { throw reader.error("no function") }
      _ = try reader.raw(8)
      // Includes the saved frame pointer; all ones if the size is unknown.
      let size = Int(exactly: try reader.integer(UInt64.self)).map { $0 - 8 }
      functions.append((name, size, Int(truncatingIfNeeded: try reader.integer(UInt64.self))))
    }
    for _ in 0..<constantCount { constants.append(try reader.integer()) }
    var records: [StackMapRecord] = []
    for function in functions {
      for _ in 0..<function.recordCount {
        records.append(try record(in: function.name, function.frameSize))
      }
    }
    try reader.expectEnd()
    return records
  }

  private mutating func record(
    in function: String, _ frameSize: Int?
  ) throws(ArtefactError) -> StackMapRecord {
    let id = StatepointID(raw: try reader.integer(UInt64.self))
    let offset = Int(try reader.integer(UInt32.self))
    _ = try reader.integer(UInt16.self)
    let locationCount = Int(try reader.integer(UInt16.self))
    var locations: [ValueLocation] = []
    for _ in 0..<locationCount { locations.append(try location()) }
    try reader.align(8)
    _ = try reader.integer(UInt16.self)
    let liveOutCount = Int(try reader.integer(UInt16.self))
    _ = try reader.raw(4 * liveOutCount)
    try reader.align(8)
    // A statepoint's first three locations: calling convention, flags, number of deopt operands.
    guard locations.count >= 3, case .constant(let count) = locations[2],
      UInt64(locations.count - 3) == count
    else { throw reader.error("not a record of a statepoint without references") }
    return StackMapRecord(
      function: function, functionOffset: offset, id: id, locations: Array(locations[3...]),
      frameSize: frameSize)
  }

  private mutating func location() throws(ArtefactError) -> ValueLocation {
    let kind = try reader.integer(UInt8.self)
    _ = try reader.integer(UInt8.self)
    let size = try reader.integer(UInt16.self)
    let number = Int(try reader.integer(UInt16.self))
    let register = DWARFRegister(number)
    _ = try reader.integer(UInt16.self)
    let payload = try reader.integer(Int32.self)
    // Smaller values are none of WebAssembly's.
    guard size >= 4 else { throw reader.error("value of \(size) bytes") }
    let width: ValueLocation.Width = size >= 16 ? .vector : .scalar
    switch kind {
    case 1:
      switch register {
      case .general(let register): return .general(register.number)
      case .vector(let register): return .vector(register, width)
      case nil: throw reader.error("value in DWARF register \(number)")
      }
    case 3 where register == .general(.stackPointer):
      return .stackPointer(offset: payload, width)
    case 3 where register == .general(.framePointer):
      return .framePointer(offset: payload, width)
    case 4:
      // LLVM writes 0xFEFE_FEFE for `undef` and `poison`. It may also be a real constant; either way it is a valid value.
      return .constant(UInt64(bitPattern: Int64(payload)))
    case 5:
      guard payload >= 0, Int(payload) < constants.count else { throw reader.error("no constant") }
      return .constant(constants[Int(payload)])
    default: throw reader.error("value location of kind \(kind), register \(number)")
    }
  }
}

extension ValueLocation {
  /// The location of a slot's value, as the deoptimizer is to read it. What is narrower than a location is in its low bytes.
  /// - Throws: if the location is too small.
  func narrowed(to slot: Representation) throws(CompileError) -> ValueLocation {
    let width: Width = slot == .v128 ? .vector : .scalar
    switch self {
    case .vector(let number, .vector): return .vector(number, width)
    case .stackPointer(let offset, .vector): return .stackPointer(offset: offset, width)
    case .framePointer(let offset, .vector): return .framePointer(offset: offset, width)
    // A vector is one where it does not matter, or where its upper half is zero: ``ExitLowering``.
    case .constant, .undefined: return self
    case .general, .vector, .stackPointer, .framePointer:
      guard width == .scalar else { throw .llvm("stack map with a v128 in \(self)") }
      return self
    }
  }
}
