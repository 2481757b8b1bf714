import X64

/// How an exception leaves the frames of one compiled version of a function, or is caught there. Offsets are in bytes from the
/// start of `.text`.
public struct HandlerFunction: ArtefactRow, Hashable {
  /// Start of the version's code. It reaches to the next row's.
  public var code: UInt32
  /// The version's first row of ``HandlerTable/sites``. The others follow, up to the next row's first.
  public var firstSite: UInt32
  /// The callee-saved registers that its frames keep for their callers.
  public var saved: SavedRegisters

  /// Describes the frames of a version.
  public init(code: UInt32, firstSite: UInt32, saved: SavedRegisters) {
    self.code = code
    self.firstSite = firstSite
    self.saved = saved
  }

  /// `code`, `firstSite << 5 | saved`.
  public static var wordCount: Int { 2 }
  public init(words: UnsafePointer<UInt32>) {
    self.init(
      code: words[0], firstSite: words[1] >> UInt32(SavedRegisters.bitCount),
      saved: SavedRegisters(
        rawValue: UInt8(words[1] & (1 << UInt32(SavedRegisters.bitCount) - 1))))
  }
  public func append(to words: inout [UInt32]) {
    words += [code, firstSite << UInt32(SavedRegisters.bitCount) | UInt32(saved.rawValue)]
  }
}

/// Calls whose exceptions one landing pad catches. A call is looked up by the last byte of its instruction.
public struct HandlerSite: ArtefactRow, Hashable {
  /// The code of the calls: `start..<end`.
  public var start: UInt32
  /// See ``start``.
  public var end: UInt32
  /// Where the frame continues, with the exception in the first register for integer results.
  public var pad: UInt32

  /// Describes a range of calls.
  public init(start: UInt32, end: UInt32, pad: UInt32) {
    self.start = start
    self.end = end
    self.pad = pad
  }

  public static var wordCount: Int { 3 }
  public init(words: UnsafePointer<UInt32>) {
    self.init(start: words[0], end: words[1], pad: words[2])
  }
  public func append(to words: inout [UInt32]) { words += [start, end, pad] }
}

/// Section `.wpgo.handlers`: what the unwinder needs to know about optimized code.
public struct HandlerTable: Sendable {
  /// The versions that make calls, ascending. The last row is none: it ends the code and the sites of the one before.
  public let functions: ArtefactTable<HandlerFunction>
  /// Ascending, without overlap.
  public let sites: ArtefactTable<HandlerSite>

  /// The section's bytes.
  /// - Parameters:
  ///   - functions: ascending, each with its sites, ascending; `firstSite` is set here.
  ///   - end: end of the optimized code.
  public static func encode(
    _ functions: [(row: HandlerFunction, sites: [HandlerSite])], end: UInt32
  ) -> [UInt8] {
    var rows: [HandlerFunction] = []
    var sites: [HandlerSite] = []
    for function in functions {
      var row = function.row
      row.firstSite = UInt32(sites.count)
      rows.append(row)
      sites += function.sites
    }
    rows.append(HandlerFunction(code: end, firstSite: UInt32(sites.count), saved: []))
    var writer = ArtefactWriter()
    writer.table(rows)
    writer.table(sites)
    return writer.bytes
  }

  /// Checks that the code is in order, and that each landing pad is in the function of its calls.
  public init(decoding contents: UnsafeRawBufferPointer, textSize: Int) throws(ArtefactError) {
    var reader = ArtefactReader(contents, section: ArtefactSection.handlers.rawValue)
    functions = try reader.table(of: HandlerFunction.self)
    sites = try reader.table(of: HandlerSite.self)
    try reader.expectEnd()
    guard let first = functions.first, let last = functions.last, first.firstSite == 0,
      Int(last.firstSite) == sites.count, Int(last.code) <= textSize
    else { throw reader.error("handlers do not end") }
    for index in 0..<functions.count - 1 {
      let (row, next) = (functions[index], functions[index + 1])
      guard row.code < next.code, row.firstSite <= next.firstSite,
        Int(next.firstSite) <= sites.count
      else {
        throw reader.error("functions with handlers are not in order")
      }
      var end = row.code
      for number in row.firstSite..<next.firstSite {
        let site = sites[Int(number)]
        guard end <= site.start, site.start < site.end, site.end <= next.code else {
          throw reader.error("handlers are not in order")
        }
        guard row.code..<next.code ~= site.pad else {
          throw reader.error("handler outside of its function")
        }
        end = site.end
      }
    }
  }
}
