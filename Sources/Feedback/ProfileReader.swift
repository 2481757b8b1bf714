import Bytes

/// Writes the parts of a compact profile; ``ProfileReader`` reads them back.
extension ByteWriter {
  mutating func number(_ value: UInt64) { unsigned(value) }

  mutating func number(_ value: Int) { unsigned(UInt64(value)) }

  mutating func function(_ function: ProfileFile.Function, _ numbers: [FunctionKey: Int]) {
    integer(function.shape)
    number(function.name.utf8.count)
    raw(function.name.utf8)
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
    _ values: [Int: Value], _ write: (inout ByteWriter, Value) -> Void
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
typealias ProfileReader = ByteReader<ProfileFormat>

struct ProfileFormat: ByteFormat {
  typealias Storage = [UInt8]

  func failure(_ problem: ByteProblem, at position: Int, end: Int) -> ProfileError {
    let message =
      switch problem {
      case .unexpectedEnd, .lengthOutOfBounds, .countOutOfBounds: "unexpected end"
      case .integerTooLong, .integerTooLarge: "number is too great"
      case .invalidUTF8: "name is not UTF-8"
      case .nonzeroPadding: "padding is not zero"
      case .trailingBytes: "bytes after the end"
      }
    return ProfileError(.malformed, message, offset: position)
  }
}

extension ProfileReader {
  init(_ bytes: [UInt8], offset: Int = 0) {
    self.init(bytes, min(offset, bytes.count)..<bytes.count, format: ProfileFormat())
  }

  func error(_ message: String) -> ProfileError {
    ProfileError(.malformed, message, offset: position)
  }

  mutating func number() throws(ProfileError) -> UInt64 { try unsigned(bits: 64) }

  /// A number of things of at least `minimumSize` bytes each, which must fit in what is left.
  mutating func count(minimumSize: Int) throws(ProfileError) -> Int {
    let start = position
    return try count(try number(), minimumSize: minimumSize, at: start)
  }

  /// A function whose sites still lack their targets, which are numbers of functions in the file.
  struct NumberedFunction {
    var function: ProfileFile.Function
    var targets: [Int: [(Int, UInt64)]] = [:]
  }

  mutating func function(functionCount: Int) throws(ProfileError) -> NumberedFunction {
    let shape = try integer(UInt64.self)
    let name = try text(try count(minimumSize: 1))
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
  private static var maximumOrdinal: UInt64 { 1 << 32 }

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
