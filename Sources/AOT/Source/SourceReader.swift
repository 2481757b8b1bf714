import CLLVM
import Contract
import Files
import Glibc
import Wasm

/// Has LLVM read what a module may say in its custom sections. They may be hostile, and LLVM's readers are not made for that: they run in a
/// process of their own, with limits, whose result is checked.
struct SourceReader {
  let module: Module
  var limits = WorkerLimits()
  /// False: in this process.
  var usesProcesses = true
  let scratch: ScratchDirectory

  /// What the module's DWARF says of its instructions.
  /// - Returns: nil if it cannot be read; an empty map if there is none.
  func sourceMap() throws(CompileError) -> SourceMap? {
    guard module.customSections.contains(where: { $0.name == ".debug_info" }) else {
      return SourceMap()
    }
    guard let bytes = try run({ readSourceMap().encode() }) else { return nil }
    return try? SourceMap(decoding: bytes)
  }

  /// The names of functions that look like mangled ones, demangled.
  /// - Returns: by function; nil if they cannot be read.
  func demangledNames() throws(CompileError) -> [Int: String]? {
    let names = module.functions.indices.compactMap { function in
      module.functionName(function).map { (function, $0) }
    }
    let mangled = names.filter { _, name in
      ["_Z", "_R"].contains(name.prefix(2)) && name.utf8.count <= CodeNames.maximumLength
        && !name.utf8.contains(0)
    }
    if mangled.isEmpty { return [:] }
    let bytes = try run {
      var writer = ArtefactWriter()
      for (_, name) in mangled {
        let text = wpgo_demangle(name)
        writer.string(text.map { Self.text($0) } ?? name)
        free(text)
      }
      return writer.bytes
    }
    guard let bytes else { return nil }
    return bytes.withUnsafeBytes { bytes in
      var reader = ArtefactReader(bytes)
      var result: [Int: String] = [:]
      for (function, _) in mangled { result[function] = try? reader.string() }
      return result
    }
  }

  private func run(_ job: () -> [UInt8]) throws(CompileError) -> [UInt8]? {
    guard usesProcesses && WorkerPool.canFork else { return job() }
    let pool = WorkerPool(limit: 1, limits: limits, scratch: scratch)
    guard case .result(let bytes)? = try pool.run([0], job: { _ in job() })[0] else { return nil }
    return bytes
  }

  private func readSourceMap() -> SourceMap {
    var map = SourceMap()
    module.bytes.withUnsafeBytes { bytes in
      var names: [UnsafeMutablePointer<CChar>?] = []
      defer { for name in names { free(name) } }
      var sections: [wpgo_debug_section] = []
      var known: Set<String> = []
      for section in module.customSections
      where section.name.hasPrefix(".debug_") && known.insert(section.name).inserted {
        names.append(strdup(section.name))
        // In bounds: a section lies in the module.
        let contents = UnsafeRawBufferPointer(rebasing: bytes[section.bytes])
        sections.append(
          wpgo_debug_section(
            name: names[names.count - 1], bytes: contents.baseAddress, size: contents.count))
      }
      guard let reader = wpgo_source_open(sections, sections.count) else { return }
      defer { wpgo_source_close(reader) }
      for function in module.importedFunctionCount..<module.functions.count {
        let body = module.functions[function].body
        map.append(frames(reader, at: body.lowerBound, &map), at: body.lowerBound)
        var instructions = InstructionReader(module, function: function)
        while let instruction = try? instructions.next() {
          guard instruction.offset > body.lowerBound else { continue }
          map.append(frames(reader, at: instruction.offset, &map), at: instruction.offset)
        }
      }
    }
    return map
  }

  /// What LLVM's reader calls back with.
  private struct Found {
    var frames: [SourceMap.Frame] = []
    var map: SourceMap
  }

  /// More frames than any compiler inlines into each other are left out.
  private static let maximumFrameCount = 100

  private func frames(
    _ reader: UnsafeMutableRawPointer, at byteOffset: Int, _ map: inout SourceMap
  ) -> [SourceMap.Frame] {
    var found = Found(map: map)
    map = SourceMap()
    withUnsafeMutablePointer(to: &found) { found in
      wpgo_source_frames(
        reader, UInt64(byteOffset - module.codeStart),
        { found, frame in
          // `found` is the pointer below; LLVM's frame lives during this call.
          guard let frame = frame?.pointee,
            let found = found?.assumingMemoryBound(to: Found.self),
            found.pointee.frames.count < SourceReader.maximumFrameCount
          else { return }
          found.pointee.frames.append(
            SourceMap.Frame(
              function: found.pointee.map.number(of: SourceReader.text(frame.function)),
              file: found.pointee.map.number(of: SourceReader.text(frame.file)),
              line: frame.line, column: frame.column, startLine: frame.start_line))
        }, found)
    }
    map = found.map
    // Without a file there is no line to go to.
    return found.frames.contains { map.text($0.file).isEmpty } ? [] : found.frames
  }

  private static func text(_ text: UnsafePointer<CChar>?) -> String {
    guard let text else { return "" }
    // What is cut off here is longer than what is kept.
    let length = strnlen(text, 4 * CodeNames.maximumLength)
    let bytes = UnsafeRawBufferPointer(start: text, count: length)
    return CodeNames.printable(String(decoding: bytes, as: UTF8.self))
  }
}
