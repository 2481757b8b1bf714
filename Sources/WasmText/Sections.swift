import Bytes
import Wasm

// The module's sections (spec 5.5), and the name section (spec 7.4.1).
extension Assembler {
  func module(id: Token?) -> [UInt8] {
    var writer = ByteWriter()
    writer.bytes = [0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00]
    writer.section(
      1,
      entries: typeGroups.map { group in
        var entry = ByteWriter()
        SubType.encode(group: types[group], to: &entry)
        return entry.bytes
      })
    writer.section(2, entries: imports)
    writer.section(3, entries: functionTypes)
    writer.section(4, entries: tables)
    writer.section(5, entries: memories)
    writer.section(13, entries: tags)
    writer.section(6, entries: globals)
    writer.section(7, entries: exports)
    if let start {
      var contents = ByteWriter()
      contents.unsigned(start)
      writer.byte(8)
      writer.vector(contents.bytes)
    }
    writer.section(9, entries: elements)
    if usesDataIndex {
      var contents = ByteWriter()
      contents.count(data.count)
      writer.byte(12)
      writer.vector(contents.bytes)
    }
    writer.section(10, entries: code)
    writer.section(11, entries: data)
    nameSection(id: id, &writer)
    return writer.bytes
  }

  private func nameSection(id: Token?, _ writer: inout ByteWriter) {
    var contents = ByteWriter()
    if let id {
      var name = ByteWriter()
      name.vector(parser.identifier(id))
      contents.byte(0)
      contents.vector(name.bytes)
    }
    contents.section(1, entries: functionSpace.names.map(association))
    contents.section(
      2,
      entries: localNames.map { function in
        var entry = ByteWriter()
        entry.count(function.function)
        entry.count(function.names.count)
        for name in function.names { entry.bytes += association(name) }
        return entry.bytes
      })
    // Subsections of the extended name section proposal, with its numbers.
    let others = [typeSpace, tableSpace, memorySpace, globalSpace, elementSpace, dataSpace]
    for (id, space) in zip(UInt8(4)..., others) {
      contents.section(id, entries: space.names.map(association))
    }
    contents.section(11, entries: tagSpace.names.map(association))
    if contents.bytes.isEmpty { return }
    var section = ByteWriter()
    section.vector(Array("name".utf8))
    section.bytes += contents.bytes
    writer.byte(0)
    writer.vector(section.bytes)
  }

  private func association(_ name: (index: Int, name: [UInt8])) -> [UInt8] {
    var entry = ByteWriter()
    entry.count(name.index)
    entry.vector(name.name)
    return entry.bytes
  }
}
