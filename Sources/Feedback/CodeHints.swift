import Bytes
import Wasm

/// What a profile says in the words of other engines: the custom sections of the branch-hinting and compilation-hints proposals, as V8 reads
/// and writes them (github.com/WebAssembly/branch-hinting, github.com/WebAssembly/compilation-hints). Functions are indices of the
/// module; instructions are byte offsets in the module.
///
/// Each section has the same form, all numbers LEB128:
///
///     name  function count  (function  hint count  (offset  size  payload of `size` bytes)*)*
///
/// Offsets in a section count from the start of the function's code entry, and ascend, as functions do; 0 for what is said of
/// the function as a whole.
public struct CodeHints: Sendable, Equatable {
  /// When to compile a function.
  public struct Priority: Sendable, Equatable {
    /// The smaller, the earlier it is to be compiled.
    public var compilation: UInt32
    /// The smaller, the earlier it is to be optimized; nil: nothing is known.
    public var optimization: UInt32?

    /// Of one function.
    public init(compilation: UInt32, optimization: UInt32? = nil) {
      self.compilation = compilation
      self.optimization = optimization
    }
  }

  /// A function that a call reaches, and in how many of a hundred calls.
  public struct Target: Sendable, Equatable {
    /// Index in the module's function index space.
    public var function: Int
    /// 0 to 100.
    public var percent: UInt32

    /// One of a call's targets.
    public init(function: Int, percent: UInt32) {
      self.function = function
      self.percent = percent
    }
  }

  /// By function.
  public var priorities: [Int: Priority] = [:]
  /// By `if` and `br_if`: whether the condition is likely to hold.
  public var branches: [Int: Bool] = [:]
  /// By call: 32 and the binary logarithm of its executions per execution of its function, 1 to 64; 0: never, 127: always optimize.
  public var frequencies: [Int: UInt8] = [:]
  /// By indirect call. Together 100 percent at most; the rest goes elsewhere.
  public var targets: [Int: [Target]] = [:]

  /// Says nothing.
  public init() {}

  /// The sections, in the order in which they are written.
  enum Section: String, CaseIterable {
    case priorities = "metadata.code.compilation_priority"
    case branches = "metadata.code.branch_hint"
    case frequencies = "metadata.code.instr_freq"
    case targets = "metadata.code.call_targets"
  }
}

// MARK: Encoding

extension CodeHints {
  /// The module with these hints in place of those that it has. The sections stand before the code, which they must.
  /// - Parameter module: valid.
  public func annotated(_ module: Module) -> [UInt8] {
    var result = ByteWriter(Array(module.bytes[..<8]))
    var isWritten = false
    for section in SectionRanges(module) {
      if section.id == 10 {
        writeSections(module, to: &result)
        isWritten = true
      }
      if section.id == 0, Section(rawValue: section.name) != nil { continue }
      result.raw(module.bytes[section.range])
    }
    if !isWritten { writeSections(module, to: &result) }
    return result.bytes
  }

  private func writeSections(_ module: Module, to writer: inout ByteWriter) {
    for section in Section.allCases {
      let hints = payloads(section, module)
      guard !hints.isEmpty else { continue }
      var contents = ByteWriter()
      contents.unsigned(UInt64(section.rawValue.utf8.count))
      contents.raw(section.rawValue.utf8)
      contents.unsigned(UInt64(hints.count))
      for (function, list) in hints {
        contents.unsigned(UInt64(function))
        contents.unsigned(UInt64(list.count))
        for hint in list {
          contents.unsigned(UInt64(hint.offset))
          contents.unsigned(UInt64(hint.payload.count))
          contents.raw(hint.payload)
        }
      }
      writer.byte(0)
      writer.unsigned(UInt64(contents.bytes.count))
      writer.raw(contents.bytes)
    }
  }

  private typealias Hint = (offset: Int, payload: [UInt8])

  /// Those of one section, ascending.
  private func payloads(
    _ section: Section, _ module: Module
  ) -> [(function: Int, hints: [Hint])] {
    switch section {
    case .priorities:
      return priorities.sorted { $0.key < $1.key }.map { function, priority in
        let numbers = [priority.compilation] + (priority.optimization.map { [$0] } ?? [])
        return (function, [(0, Self.encode(numbers))])
      }
    case .branches: return grouped(branches, module) { [$0 ? 1 : 0] }
    case .frequencies: return grouped(frequencies, module) { [$0] }
    case .targets:
      return grouped(targets, module) { targets in
        Self.encode(targets.flatMap { [UInt32($0.function), $0.percent] })
      }
    }
  }

  private static func encode(_ numbers: [UInt32]) -> [UInt8] {
    var writer = ByteWriter()
    for number in numbers { writer.unsigned(UInt64(number)) }
    return writer.bytes
  }

  private func grouped<Value>(
    _ values: [Int: Value], _ module: Module, _ payload: (Value) -> [UInt8]
  ) -> [(function: Int, hints: [Hint])] {
    let order = values.sorted { $0.key < $1.key }
    var result: [(function: Int, hints: [Hint])] = []
    var next = 0
    for function in module.importedFunctionCount..<module.functions.count {
      let entry = module.functions[function].code
      var hints: [Hint] = []
      while next < order.count, order[next].key < entry.upperBound {
        let (offset, value) = order[next]
        if offset >= entry.lowerBound {
          hints.append((offset - entry.lowerBound, payload(value)))
        }
        next += 1
      }
      if !hints.isEmpty { result.append((function, hints)) }
    }
    return result
  }
}

// MARK: Decoding

extension CodeHints {
  /// The hints in a module's sections. What they say of instructions that they are not for is left out, as engines do.
  /// - Parameter module: valid.
  /// - Throws: `ProfileError` for a malformed section, with its byte offset in the module.
  public init(reading module: Module) throws(ProfileError) {
    let instructions = HintedInstructions(module)
    for custom in module.customSections {
      guard let section = Section(rawValue: custom.name) else { continue }
      var reader = ByteReader(module.bytes, custom.bytes, format: ProfileFormat())
      var last = -1
      for _ in 0..<(try reader.count(minimumSize: 2)) {
        let function = Int(try reader.unsigned(bits: 32))
        guard function > last, function >= module.importedFunctionCount,
          function < module.functions.count
        else { throw reader.error("hints of no function of the module, or not in order") }
        last = function
        try read(section, of: function, &reader, module, instructions)
      }
      try reader.expectEnd()
    }
  }

  private mutating func read(
    _ section: Section, of function: Int, _ reader: inout ProfileReader, _ module: Module,
    _ instructions: HintedInstructions
  ) throws(ProfileError) {
    let entry = module.functions[function].code
    var last = -1
    for _ in 0..<(try reader.count(minimumSize: 2)) {
      let offset = Int(try reader.unsigned(bits: 32))
      guard offset > last, offset < entry.count else {
        throw reader.error("hint is outside of its function, or not in order")
      }
      last = offset
      let size = try reader.count(minimumSize: 1)
      let range = try reader.skip(size)
      var payload = ByteReader(module.bytes, range, format: ProfileFormat())
      let place = entry.lowerBound + offset
      switch section {
      case .priorities:
        let compilation = UInt32(try payload.unsigned(bits: 32))
        let optimization = payload.isAtEnd ? nil : UInt32(try payload.unsigned(bits: 32))
        if offset == 0 {
          priorities[function] = Priority(compilation: compilation, optimization: optimization)
        }
      case .branches:
        let value = try payload.byte()
        guard value <= 1 else { throw payload.error("branch hint is neither 0 nor 1") }
        if instructions.branches.contains(place) { branches[place] = value == 1 }
      case .frequencies:
        let value = try payload.byte()
        if instructions.calls.contains(place) { frequencies[place] = value }
      case .targets:
        let list = try Self.targets(&payload, module)
        if instructions.indirectCalls.contains(place), !list.isEmpty { targets[place] = list }
      }
    }
  }

  private static func targets(
    _ payload: inout ProfileReader, _ module: Module
  ) throws(ProfileError) -> [Target] {
    var result: [Target] = []
    var sum: UInt32 = 0
    while !payload.isAtEnd {
      let function = Int(try payload.unsigned(bits: 32))
      let percent = UInt32(try payload.unsigned(bits: 32))
      guard function < module.functions.count, percent <= 100 - sum else {
        throw payload.error("target is no function of the module, or more than 100 percent")
      }
      sum += percent
      result.append(Target(function: function, percent: percent))
    }
    return result
  }
}

/// Byte offsets of the instructions that hints may be for.
private struct HintedInstructions {
  var branches: Set<Int> = []
  var calls: Set<Int> = []
  var indirectCalls: Set<Int> = []

  init(_ module: Module) {
    for function in module.importedFunctionCount..<module.functions.count {
      var reader = InstructionReader(module, function: function)
      // A valid module's bodies decode.
      while let instruction = try? reader.next() {
        switch FeedbackRecord(instruction) {
        case .branch: branches.insert(instruction.offset)
        case .call: calls.insert(instruction.offset)
        case .targets:
          calls.insert(instruction.offset)
          indirectCalls.insert(instruction.offset)
        case .loop, .branchTable, nil: break
        }
      }
    }
  }
}

/// The sections of a valid module, one after the other.
private struct SectionRanges: Sequence, IteratorProtocol {
  private var reader: ProfileReader

  init(_ module: Module) { reader = ProfileReader(module.bytes, offset: 8) }

  /// The range includes the section's number and size; the name is that of a custom one.
  mutating func next() -> (id: UInt8, name: String, range: Range<Int>)? {
    let start = reader.position
    guard let id = try? reader.byte(), let size = try? reader.unsigned(bits: 32),
      let contents = try? reader.skip(Int(size))
    else { return nil }
    var name = ""
    if id == 0 {
      var reader = ProfileReader(reader.bytes, offset: contents.lowerBound)
      if let length = try? reader.unsigned(bits: 32), let range = try? reader.skip(Int(length)) {
        name = String(decoding: reader.bytes[range], as: UTF8.self)
      }
    }
    return (id, name, start..<contents.upperBound)
  }
}
