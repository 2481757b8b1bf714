import Contract
import Wasm

// This folder: what `compile -g` and `--demangle` tell of the guest's source.
//
//   SourceMap        instructions to functions and lines
//   SourceReader     makes one of the module's DWARF
//   GuestSource      the same with the names of functions, for code generation

/// What DWARF in a module says of its instructions: the function and the line that each comes from, and the functions into which the guest's
/// compiler inlined that.
struct SourceMap: Sendable, Equatable {
  /// A function of the source, and a place in it. Texts are indices of ``texts``.
  struct Frame: Hashable, Sendable {
    var function: UInt32
    var file: UInt32
    /// 0: of no line.
    var line: UInt32
    /// 0: unknown.
    var column: UInt32
    /// Of the function; 0: unknown.
    var startLine: UInt32
  }

  private struct Row: Hashable, Sendable {
    /// In the module.
    var byteOffset: UInt32
    /// Row of ``chains``.
    var chain: UInt32
  }

  /// Safe to print.
  private(set) var texts: [String] = []
  private var textNumbers: [String: UInt32] = [:]
  /// Innermost frames first. The first chain is empty.
  private var chains: [[Frame]] = [[]]
  private var chainNumbers: [[Frame]: UInt32] = [[]: 0]
  /// Ascending. A row holds up to the next.
  private var rows: [Row] = []

  var isEmpty: Bool { rows.isEmpty }

  /// Those of the instruction at a byte offset of the module, innermost first; empty if nothing is known. The last is the function that the
  /// instruction is in, the others were inlined into it.
  func frames(at byteOffset: Int) -> [Frame] {
    let index = rows.partitioningIndex { $0.byteOffset > byteOffset } - 1
    return index < 0 ? [] : chains[Int(rows[index].chain)]
  }

  /// Those of the first instruction in a range of which something is known.
  func firstFrames(in range: Range<Int>) -> [Frame] {
    var index = rows.partitioningIndex { $0.byteOffset >= range.lowerBound }
    while index < rows.count, rows[index].byteOffset < range.upperBound {
      let frames = chains[Int(rows[index].chain)]
      if !frames.isEmpty { return frames }
      index += 1
    }
    return []
  }

  func text(_ number: UInt32) -> String { texts[Int(number)] }

  // MARK: Building

  mutating func number(of text: String) -> UInt32 {
    if let known = textNumbers[text] { return known }
    textNumbers[text] = UInt32(texts.count)
    texts.append(text)
    return UInt32(texts.count - 1)
  }

  /// - Parameter byteOffset: greater than those before.
  mutating func append(_ frames: [Frame], at byteOffset: Int) {
    let known = chainNumbers[frames]
    let chain = known ?? UInt32(chains.count)
    if known == nil {
      chainNumbers[frames] = chain
      chains.append(frames)
    }
    if rows.last?.chain ?? 0 != chain {
      rows.append(Row(byteOffset: UInt32(byteOffset), chain: chain))
    }
  }

  // MARK: Between processes

  func encode() -> [UInt8] {
    var writer = ArtefactWriter()
    writer.integer(UInt32(texts.count))
    for text in texts { writer.string(text) }
    writer.integer(UInt32(chains.count))
    for chain in chains {
      writer.integer(UInt32(chain.count))
      for frame in chain { write(frame, to: &writer) }
    }
    writer.integer(UInt32(rows.count))
    for row in rows {
      writer.integer(row.byteOffset)
      writer.integer(row.chain)
    }
    return writer.bytes
  }

  /// - Parameter bytes: of ``encode()``. The process that wrote them read hostile input.
  init(decoding bytes: [UInt8]) throws(ArtefactError) {
    let result: Result<SourceMap, ArtefactError> = bytes.withUnsafeBytes { bytes in
      Result { () throws(ArtefactError) in
        var reader = ArtefactReader(bytes)
        var map = SourceMap()
        try map.read(&reader)
        return map
      }
    }
    self = try result.get()
  }

  init() {}

  private mutating func read(_ reader: inout ArtefactReader) throws(ArtefactError) {
    for _ in 0..<(try reader.count(minimumSize: 4)) { texts.append(try reader.string()) }
    chains = []
    for _ in 0..<(try reader.count(minimumSize: 4)) {
      var chain: [Frame] = []
      for _ in 0..<(try reader.count(minimumSize: 20)) {
        let frame = Frame(
          function: try reader.integer(), file: try reader.integer(), line: try reader.integer(),
          column: try reader.integer(), startLine: try reader.integer())
        guard max(frame.function, frame.file) < texts.count else {
          throw reader.error("frame without a name")
        }
        chain.append(frame)
      }
      chains.append(chain)
    }
    for _ in 0..<(try reader.count(minimumSize: 8)) {
      let row = Row(byteOffset: try reader.integer(), chain: try reader.integer())
      guard row.chain < chains.count, rows.last?.byteOffset ?? 0 <= row.byteOffset else {
        throw reader.error("source map is not in order")
      }
      rows.append(row)
    }
    try reader.expectEnd()
  }

  private func write(_ frame: Frame, to writer: inout ArtefactWriter) {
    for number in [frame.function, frame.file, frame.line, frame.column, frame.startLine] {
      writer.integer(number)
    }
  }

  /// What code generation sees of the instructions in a range of the module.
  func write(_ range: Range<Int>, to writer: inout ArtefactWriter) {
    var index = max(0, rows.partitioningIndex { $0.byteOffset > range.lowerBound } - 1)
    while index < rows.count, rows[index].byteOffset < range.upperBound {
      writer.integer(rows[index].byteOffset)
      for frame in chains[Int(rows[index].chain)] {
        writer.string(text(frame.function))
        writer.string(text(frame.file))
        write(frame, to: &writer)
      }
      index += 1
    }
  }
}
