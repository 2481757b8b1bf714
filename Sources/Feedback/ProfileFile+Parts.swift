/// Writes the parts of a compact profile; ``ProfileReader`` reads them back.
struct ProfileWriter {
  private(set) var bytes: [UInt8] = []

  mutating func fixed<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func number(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func number(_ value: Int) { number(UInt64(value)) }

  mutating func function(_ function: ProfileFile.Function, _ numbers: [FunctionKey: Int]) {
    fixed(function.shape)
    number(function.name.utf8.count)
    bytes.append(contentsOf: function.name.utf8)
    number(function.entryCount)
    byOrdinal(function.loops) { $0.number($1) }
    byOrdinal(function.branches) {
      $0.number($1.taken)
      $0.number($1.notTaken)
    }
    byOrdinal(function.branchTables) {
      $0.number($1.count)
      for count in $1 { $0.number(count) }
    }
    byOrdinal(function.calls) { $0.number($1) }
    byOrdinal(function.sites) {
      let targets = $1.targets.map { (numbers[$0.key] ?? 0, $0.value) }.sorted { $0.0 < $1.0 }
      $0.number(targets.count)
      for (number, count) in targets {
        $0.number(number)
        $0.number(count)
      }
      $0.number($1.otherCount)
      $0.number($1.foreignCount)
    }
  }

  private mutating func byOrdinal<Value>(
    _ values: [Int: Value], _ write: (inout ProfileWriter, Value) -> Void
  ) {
    number(values.count)
    var next = 0
    for (ordinal, value) in values.sorted(by: { $0.key < $1.key }) {
      number(ordinal - next)
      next = ordinal + 1
      write(&self, value)
    }
  }
}

/// Reads the parts of a compact profile. Nothing that it reads is trusted: each number is checked before it
/// sizes or indexes anything.
struct ProfileReader {
  private let bytes: [UInt8]
  private(set) var offset: Int

  init(_ bytes: [UInt8], offset: Int = 0) {
    self.bytes = bytes
    self.offset = offset
  }

  var isAtEnd: Bool { offset == bytes.count }

  func error(_ message: String) -> ProfileError {
    ProfileError(.malformed, message, offset: offset)
  }

  mutating func fixed<T: FixedWidthInteger & UnsignedInteger>(
    _: T.Type
  ) throws(ProfileError) -> T {
    let size = T.bitWidth / 8
    guard bytes.count - offset >= size else { throw error("unexpected end") }
    defer { offset += size }
    return (0..<size).reduce(0) { $0 | T(bytes[offset + $1]) << T(8 * $1) }
  }

  mutating func number() throws(ProfileError) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard offset < bytes.count else { throw error("unexpected end") }
      let byte = bytes[offset]
      guard shift < 63 || byte < 2 else { throw error("number is too great") }
      offset += 1
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return result }
      shift += 7
    }
  }

  /// A number of things of at least `minimumSize` bytes each, which must fit in what is left.
  mutating func count(minimumSize: Int) throws(ProfileError) -> Int {
    let start = offset
    let value = try number()
    guard value <= UInt64((bytes.count - offset) / minimumSize) else {
      throw ProfileError(.malformed, "unexpected end", offset: start)
    }
    return Int(value)
  }

  /// A function whose sites still lack their targets, which are numbers of functions in the file.
  struct NumberedFunction {
    var function: ProfileFile.Function
    var targets: [Int: [(Int, UInt64)]] = [:]
  }

  mutating func function(functionCount: Int) throws(ProfileError) -> NumberedFunction {
    let shape = try fixed(UInt64.self)
    let length = try count(minimumSize: 1)
    guard let name = String(validating: bytes[offset..<offset + length], as: UTF8.self) else {
      throw error("name is not UTF-8")
    }
    offset += length
    var result = NumberedFunction(function: .init(shape: shape, name: name))
    result.function.entryCount = try number()
    result.function.loops = try byOrdinal { reader throws(ProfileError) in try reader.positive() }
    result.function.branches = try byOrdinal { reader throws(ProfileError) in
      FunctionProfile.Branch(taken: try reader.number(), notTaken: try reader.number())
    }
    result.function.branchTables = try byOrdinal { reader throws(ProfileError) in
      var counts: [UInt64] = []
      for _ in 0..<(try reader.count(minimumSize: 1)) { counts.append(try reader.number()) }
      return counts
    }
    result.function.calls = try byOrdinal { reader throws(ProfileError) in try reader.positive() }
    let sites = try byOrdinal { reader throws(ProfileError) in try reader.site(functionCount) }
    result.function.sites = sites.mapValues(\.site)
    result.targets = sites.mapValues(\.targets)
    return result
  }

  private mutating func site(
    _ functionCount: Int
  ) throws(ProfileError) -> (site: ProfileFile.Site, targets: [(Int, UInt64)]) {
    var targets: [(Int, UInt64)] = []
    for _ in 0..<(try count(minimumSize: 2)) {
      let value = try number()
      guard value < UInt64(functionCount), targets.last.map({ $0.0 < Int(value) }) ?? true else {
        throw error("target is not a function of the profile, or not in order")
      }
      targets.append((Int(value), try positive()))
    }
    var site = ProfileFile.Site()
    site.otherCount = try number()
    site.foreignCount = try number()
    return (site, targets)
  }

  private mutating func positive() throws(ProfileError) -> UInt64 {
    let value = try number()
    guard value > 0 else { throw error("count is zero") }
    return value
  }

  /// Places of instructions are below the size of any module.
  private static let maximumOrdinal: UInt64 = 1 << 32

  private mutating func byOrdinal<Value>(
    _ read: (inout ProfileReader) throws(ProfileError) -> Value
  ) throws(ProfileError) -> [Int: Value] {
    var result: [Int: Value] = [:]
    var next: UInt64 = 0
    for _ in 0..<(try count(minimumSize: 2)) {
      let difference = try number()
      guard difference < Self.maximumOrdinal, next + difference < Self.maximumOrdinal else {
        throw error("instruction's ordinal is too great")
      }
      result[Int(next + difference)] = try read(&self)
      next += difference + 1
    }
    return result
  }
}
