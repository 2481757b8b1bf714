import Bytes

/// A profile as `go tool pprof` reads it, and as continuous profilers write it: stacks with a value of each type
/// (github.com/google/pprof, proto/profile.proto). Written packed by gzip; read packed or not.
public struct PprofProfile: Sendable, Equatable {
  /// What values are, as `samples` and `count`.
  public struct ValueType: Sendable, Equatable {
    /// What is measured.
    public var type: String
    /// In what.
    public var unit: String

    /// A type with its unit.
    public init(_ type: String, _ unit: String) {
      self.type = type
      self.unit = unit
    }
  }

  /// A place in a stack.
  public struct Frame: Sendable, Hashable {
    /// The function's name.
    public var function: String
    /// Of its source.
    public var file: String
    /// Of the place in it; of a module, a byte offset.
    public var line: Int

    /// A place in a function.
    public init(function: String, file: String, line: Int) {
      self.function = function
      self.file = file
      self.line = line
    }
  }

  /// A stack, and what was measured of it.
  public struct Sample: Sendable, Equatable {
    /// Innermost first.
    public var stack: [Frame]
    /// One for each type, not negative.
    public var values: [UInt64]

    /// A stack with its values.
    public init(stack: [Frame], values: [UInt64]) {
      self.stack = stack
      self.values = values
    }
  }

  /// What the values of each sample are.
  public var types: [ValueType]
  /// In any order.
  public var samples: [Sample]

  /// A profile of these samples.
  public init(types: [ValueType], samples: [Sample]) {
    self.types = types
    self.samples = samples
  }
}

// MARK: Encoding

extension PprofProfile {
  /// The file; equal profiles give equal bytes. Values above 2^63 - 1 stick there.
  /// - Throws: `PprofError` if it is too large.
  public func encode() throws(PprofError) -> [UInt8] {
    var tables = Tables()
    var writer = ByteWriter()
    for type in types { writer.field(1, tables.encode(type)) }
    for sample in samples {
      var message = ByteWriter()
      message.field(1, packed: sample.stack.map { tables.location($0) })
      message.field(2, packed: sample.values.map { min($0, UInt64(Int64.max)) })
      writer.field(2, message.bytes)
    }
    writer.raw(tables.locations.bytes)
    writer.raw(tables.functions.bytes)
    for string in tables.strings { writer.field(6, Array(string.utf8)) }
    return try Gzip.pack(writer.bytes)
  }

  /// What samples refer to by number, from 1 on; strings from 0.
  private struct Tables {
    var strings = [""]
    var locations = ByteWriter()
    var functions = ByteWriter()
    private var stringNumbers = ["": UInt64(0)]
    private var locationNumbers: [Frame: UInt64] = [:]
    private var functionNumbers: [Frame: UInt64] = [:]

    mutating func string(_ text: String) -> UInt64 {
      if let known = stringNumbers[text] { return known }
      let number = UInt64(strings.count)
      strings.append(text)
      stringNumbers[text] = number
      return number
    }

    mutating func encode(_ type: ValueType) -> [UInt8] {
      var message = ByteWriter()
      message.field(1, string(type.type))
      message.field(2, string(type.unit))
      return message.bytes
    }

    mutating func location(_ frame: Frame) -> UInt64 {
      if let known = locationNumbers[frame] { return known }
      let number = UInt64(locationNumbers.count + 1)
      locationNumbers[frame] = number
      var line = ByteWriter()
      line.field(1, function(frame))
      line.field(2, UInt64(max(0, frame.line)))
      var message = ByteWriter()
      message.field(1, number)
      message.field(3, UInt64(max(0, frame.line)))
      message.field(4, line.bytes)
      locations.field(4, message.bytes)
      return number
    }

    private mutating func function(_ frame: Frame) -> UInt64 {
      let key = Frame(function: frame.function, file: frame.file, line: 0)
      if let known = functionNumbers[key] { return known }
      let number = UInt64(functionNumbers.count + 1)
      functionNumbers[key] = number
      var message = ByteWriter()
      message.field(1, number)
      message.field(2, string(key.function))
      message.field(3, string(key.function))
      message.field(4, string(key.file))
      functions.field(5, message.bytes)
      return number
    }
  }
}

// MARK: Heat

/// How much each function has of what a pprof profile measured, for itself: the sum of the samples in which it is innermost.
public struct PprofHeat: Sendable, Equatable {
  /// What was measured.
  public var type: PprofProfile.ValueType
  /// By the function's name.
  public var functions: [String: UInt64]

  /// Reads a file, packed or not. Of several types of values, those in nanoseconds count, else the last, which is pprof's default.
  /// - Throws: `PprofError`.
  public init(reading file: [UInt8]) throws(PprofError) {
    let bytes = Gzip.isPacked(file) ? try Gzip.unpack(file) : file
    let messages = try Messages(bytes)
    guard !messages.types.isEmpty else { throw PprofError("the profile measured nothing") }
    let types = try messages.types.map { numbers throws(PprofError) in
      PprofProfile.ValueType(try messages.string(numbers.0), try messages.string(numbers.1))
    }
    let column = types.lastIndex { $0.unit == "nanoseconds" } ?? types.count - 1
    type = types[column]
    functions = [:]
    for sample in messages.samples {
      guard sample.values.count == types.count else {
        throw PprofError("a sample has \(sample.values.count) values, not \(types.count)")
      }
      // A location in no function, as machine code without symbols, counts for none.
      guard let location = sample.location, let function = messages.functions[location],
        let name = messages.names[function]
      else { continue }
      let value = UInt64(max(0, Int64(bitPattern: sample.values[column])))
      let text = try messages.string(name)
      let (sum, overflow) = functions[text, default: 0].addingReportingOverflow(value)
      functions[text] = overflow ? .max : sum
    }
  }
}

/// The parts of a file that tell of heat. As large as the file, whatever its parts refer to.
private struct Messages {
  var types: [(UInt64, UInt64)] = []
  /// The innermost location's number.
  var samples: [(location: UInt64?, values: [UInt64])] = []
  /// By location: the function that is innermost there.
  var functions: [UInt64: UInt64] = [:]
  /// By function: its name's string.
  var names: [UInt64: UInt64] = [:]
  private var strings: [Range<Int>] = []
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) throws(PprofError) {
    self.bytes = bytes
    var reader = ProtobufReader(bytes, bytes.indices)
    while let (number, value) = try reader.field() {
      guard case .bytes(let range) = value else { continue }
      switch number {
      case 1: types.append(try pair(range))
      case 2: samples.append(try sample(range))
      case 4: try readLocation(range)
      case 5:
        let (number, name) = try pair(range)
        names[number] = name
      case 6: strings.append(range)
      default: break
      }
    }
  }

  func string(_ number: UInt64) throws(PprofError) -> String {
    guard number < UInt64(strings.count) else {
      throw PprofError("string \(number) of \(strings.count)")
    }
    return String(decoding: bytes[strings[Int(number)]], as: UTF8.self)
  }

  /// The numbers of fields 1 and 2.
  private func pair(_ range: Range<Int>) throws(PprofError) -> (UInt64, UInt64) {
    var result: (UInt64, UInt64) = (0, 0)
    var reader = ProtobufReader(bytes, range)
    while let (number, value) = try reader.field() {
      if number == 1 { result.0 = value.number }
      if number == 2 { result.1 = value.number }
    }
    return result
  }

  private func sample(
    _ range: Range<Int>
  ) throws(PprofError) -> (location: UInt64?, values: [UInt64]) {
    var location: UInt64?
    var values: [UInt64] = []
    var reader = ProtobufReader(bytes, range)
    while let (number, value) = try reader.field() {
      if number == 1, location == nil { location = try value.numbers(in: bytes).first }
      if number == 2 { values += try value.numbers(in: bytes) }
    }
    return (location, values)
  }

  /// Of the functions inlined at a location, the first is innermost.
  private mutating func readLocation(_ range: Range<Int>) throws(PprofError) {
    var (id, function): (UInt64, UInt64?) = (0, nil)
    var reader = ProtobufReader(bytes, range)
    while let (number, value) = try reader.field() {
      if number == 1 { id = value.number }
      if number == 4, function == nil, case .bytes(let line) = value {
        function = try pair(line).0
      }
    }
    if let function { functions[id] = function }
  }
}
