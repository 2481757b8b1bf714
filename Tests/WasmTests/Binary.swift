/// Puts binary modules together for tests.
enum Binary {
  enum Section: UInt8 {
    case custom, type, `import`, function, table, memory, global, export, start, element, code
    case data, dataCount, tag
  }

  static func module(_ sections: (Section, [UInt8])...) -> [UInt8] { module(sections) }

  static func module(_ sections: some Sequence<(Section, [UInt8])>) -> [UInt8] {
    sections.reduce(into: [0x00, 0x61, 0x73, 0x6D, 1, 0, 0, 0] as [UInt8]) { bytes, section in
      bytes.append(section.0.rawValue)
      bytes += sized(section.1)
    }
  }

  static func sized(_ bytes: [UInt8]) -> [UInt8] { leb(bytes.count) + bytes }

  static func name(_ name: String) -> [UInt8] { sized(Array(name.utf8)) }

  static func vector(_ elements: [[UInt8]]) -> [UInt8] { leb(elements.count) + elements.joined() }

  static func leb(_ value: Int) -> [UInt8] {
    var rest = UInt64(value)
    var result: [UInt8] = []
    repeat {
      result.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return result
  }

  /// A function without locals; `end` is added.
  static func code(_ instructions: [UInt8], locals: [UInt8] = [0]) -> [UInt8] {
    sized(locals + instructions + [0x0B])
  }

  /// One function of type `parameters → results`, a table of funcref and a memory.
  static func function(
    _ instructions: [UInt8], parameters: [UInt8] = [], results: [UInt8] = [], locals: [UInt8] = [0],
    extra: [(Section, [UInt8])] = []
  ) -> [UInt8] {
    let type = [0x60] + sized(parameters) + sized(results)
    let sections: [(Section, [UInt8])] = [
      (.type, vector([type])), (.function, vector([[0]])), (.table, vector([[0x70, 0, 1]])),
      (.memory, vector([[0, 1]])), (.code, vector([code(instructions, locals: locals)])),
    ]
    return module(sections + extra)
  }

  /// A valid module that has every section and exercises most immediates.
  static let sample = module(sampleSections)

  /// The sample's sections; the last one holds its names.
  static let sampleSections: [(Section, [UInt8])] = [
    (.type, vector([[0x60, 0, 0], [0x60, 2, 0x7F, 0x7E, 1, 0x7F], [0x60, 0, 2, 0x7F, 0x7D]])),
    (
      .import, vector([name("env") + name("f") + [0, 0], name("env") + name("g") + [3, 0x7F, 0]])
    ),
    (.function, vector([[1], [2], [0]])),
    (.table, vector([[0x70, 0, 4], [0x6F, 1, 1, 9]])),
    (.memory, vector([[1, 1, 2]])),
    (.global, vector([[0x7F, 0, 0x23, 0, 0x41, 3, 0x6A, 0x0B], [0x70, 1, 0xD2, 1, 0x0B]])),
    (.export, vector([name("run") + [0, 1], name("memory") + [2, 0]])),
    (.start, [3]),
    (
      .element,
      vector([
        [0, 0x41, 0, 0x0B, 2, 0, 1], [1, 0, 1, 2], [3, 0, 1, 3],
        [5, 0x70, 2, 0xD2, 1, 0x0B, 0xD0, 0x70, 0x0B],
      ])
    ),
    (.dataCount, leb(2)),
    (.code, vector([code(sampleBody, locals: [2, 1, 0x7F, 2, 0x7C]), code(pairBody), code([])])),
    (.data, vector([[0, 0x41, 8, 0x0B, 3, 1, 2, 3], [1, 2, 9, 9]])),
    (.custom, name("name") + [1] + sized(vector([[1] + name("worker"), [2] + name("pair")]))),
  ]

  /// (param i32 i64) (local i32 f64 f64) (result i32)
  private static let sampleBody: [UInt8] = [
    0x20, 0, 0x21, 2,  // local.get 0, local.set 2
    0x02, 0x40, 0x03, 0x40,  // block, loop
    0x20, 2, 0x0E, 2, 0, 1, 1,  // br_table 0 1 1
    0x0B, 0x0B,
    0x20, 0, 0x04, 0x7F, 0x20, 2, 0x05, 0x41, 0x7F, 0x0B,  // if (result i32) … else -1 end
    0x28, 2, 16, 0x1A,  // i32.load offset=16, drop
    0x02, 2, 0x41, 1, 0x43, 0, 0, 0x80, 0x3F, 0x0B, 0x1A, 0x1A,  // block (type 2) 1, 1.0 end
    0x41, 0, 0x41, 0, 0x41, 1, 0xFC, 8, 1, 0, 0xFC, 9, 1,  // memory.init, data.drop
    0x41, 0, 0x41, 0, 0x41, 1, 0xFC, 12, 1, 0, 0xFC, 13, 1,  // table.init, elem.drop
    0x41, 0, 0x11, 0, 0,  // call_indirect
    0x42, 0x7F, 0x1A, 0x44, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x1A,  // i64.const -1, f64.const 1
    0xD0, 0x6F, 0x41, 3, 0xFC, 15, 1, 0x1A,  // table.grow 1
    0x41, 1, 0x41, 2, 0x20, 0, 0x1C, 1, 0x7F,  // select (result i32)
  ]

  private static let pairBody: [UInt8] = [0x41, 0xC0, 0, 0x43, 0, 0, 0, 0, 0x10, 0]
}
