import CRuntime
import Contract
import Files
import Glibc
import Wasm

// This folder: an artefact from file to code that can run.
//
//   Artefact              loads one, in this order:
//   ArtefactLayout        where sections go in memory, and relocations
//   ArtefactTables        the tables, decoded and compared with each other
//   ArtefactCheck, ArtefactSites     the tables compared with the module
//   ArtefactProcessor     whether this CPU has the features
//   ArtefactPatch         changes of the code on the way, by tools for tests
//   ArtefactImage         the code in memory. ArtefactRegistration, ArtefactMap: code to place in the module
//   ArtefactInstance      its functions as entries of an instance
//   MappedFiles           files whose pages this process executes

/// Compiled code of a module, checked and in memory, which any number of stores and threads can share.
/// `wasm-pgo compile` makes it; a `.so` and a `.o` work alike.
///
/// Nothing in the file is trusted before it is checked: its checksums, the processor's features,
/// the module (validated), every reference from table to table, and the tables against the module.
/// Machine code itself cannot be checked: whoever can write it can do whatever this process can (SECURITY.md).
public final class Artefact: Sendable {
  /// The validated module.
  public let module: Module
  /// What the artefact was made of, by what compiler, for which processor features.
  public let manifest: ArtefactManifest
  package let tables: ArtefactTables
  /// By defined function, loop and inlining node.
  public var code: CodeTables { tables.code }
  /// Frame states: section `.wpgo.deopt`.
  public var deopts: DeoptTable { tables.deopts }
  /// Machine code to wasm instruction: section `.wpgo.locations`.
  public var locations: LocationTable { tables.locations }
  /// Bytes of the largest buffer that an OSR entry takes locals and operands from.
  public var osrBufferSize: Int { tables.osrBufferSize }
  let map: ArtefactMap
  private let mappedFile: FileIdentity?
  /// Of the ``ArtefactPatch`` that it was loaded with.
  package let control: (any DeoptControl)?

  /// Reads and checks the artefact at `path`.
  public convenience init(path: String) throws(ArtefactError) {
    try self.init(path: HostString(path))
  }

  /// Reads and checks the artefact at `path`; a `.so` on disk is mapped, not copied.
  /// - Throws: `ArtefactError` of kind `.system`, `.corrupt` or `.incompatible`.
  public convenience init(path: HostString) throws(ArtefactError) {
    try self.init(path: path, patch: nil)
  }

  /// Checks the artefact whose file contents are `bytes`, which are copied.
  /// - Parameter isForReading: on any processor; its code must not be run then.
  public convenience init(bytes: [UInt8], isForReading: Bool = false) throws(ArtefactError) {
    try self.init(bytes: bytes, patch: nil, isForReading: isForReading)
  }

  package convenience init(path: HostString, patch: (any ArtefactPatch)?) throws(ArtefactError) {
    let file = try ArtefactInput(path: path)
    defer { file.close() }
    try self.init(file.bytes, file: file.mappable, patch: patch)
  }

  package convenience init(
    bytes: [UInt8], patch: (any ArtefactPatch)?, isForReading: Bool = false
  ) throws(ArtefactError) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    try self.init(
      UnsafeRawBufferPointer(copy), file: nil, patch: patch, isForReading: isForReading)
  }

  private init(
    _ bytes: UnsafeRawBufferPointer, file: Int32?, patch: (any ArtefactPatch)?,
    isForReading: Bool = false
  ) throws(ArtefactError) {
    let elf = try ELFFile(ArtefactFile.open(bytes))
    let image = try ArtefactImage(elf, file: file, roomBehind: patch?.room(elf) ?? 0)
    manifest = try ArtefactManifest(decoding: image.contents(.manifest))
    if !isForReading { try Processor.check(manifest) }
    let moduleBytes = try image.contents(.module)
    try Self.checkSeal(image)
    guard try ArtefactSection.module.hash(image.section(.module)) == manifest.moduleHash else {
      throw ArtefactError(
        .corrupt, "module is not the one of the manifest",
        section: ArtefactSection.module.rawValue)
    }
    do throws(WasmError) {
      module = try Module(validating: Array(moduleBytes))
    } catch {
      throw ArtefactError(
        .corrupt, "module: \(error.message)", section: ArtefactSection.module.rawValue,
        offset: error.offset)
    }
    tables = try ArtefactTables(
      module: module, manifest: manifest, text: image.text, contents: image.contents)
    map = ArtefactMap(image: image, tables: tables)
    control = try patch?.apply(to: image, tables)
    mappedFile = file.flatMap { FileIdentity(descriptor: $0) }
    try map.register()
    if let mappedFile { MappedFiles.add(mappedFile) }
  }

  /// The code's module, entries and guard tests are those that it was sealed with.
  private static func checkSeal(_ image: ArtefactImage) throws(ArtefactError) {
    let seal = try CodeSeal(endOf: image.text)
    for (section, hash) in [
      (ArtefactSection.module, seal.module), (.code, seal.code), (.guards, seal.guards),
    ] {
      guard try section.hash(image.section(section)) == hash else {
        throw ArtefactError(
          .corrupt, "machine code was made for other contents", section: section.rawValue)
      }
    }
  }

  deinit {
    map.unregister()
    if let mappedFile { MappedFiles.remove(mappedFile) }
  }

  /// Processor features that its code may use but this processor lacks: none, unless it was loaded for reading.
  public var missingFeatures: [String] { Processor.missing(manifest) }

  // MARK: Code

  /// Address of the first byte of machine code; offsets in all tables count from here.
  public var textAddress: UInt { map.textAddress }
  /// Bytes of machine code from ``textAddress`` on.
  public var textSize: Int { map.textSize }

  private func row(_ function: Int) -> FunctionCode {
    code.functions[function - module.importedFunctionCount]
  }

  /// Where calls of a function enter initially; for a function left to the baseline, a jump through the context's entry.
  /// - Parameter function: index of a function that the module defines.
  public func entryAddress(function: Int) -> UInt { textAddress + UInt(row(function).entry) }

  /// The version without deopts; the entry itself if that has none.
  public func genericAddress(function: Int) -> UInt {
    let row = row(function)
    return textAddress + UInt(row.isSpeculative ? row.generic : row.entry)
  }

  /// Whether a function has a version with deopts beside its generic one.
  /// - Parameter function: index of a function that the module defines.
  public func isSpeculative(function: Int) -> Bool { row(function).isSpeculative }

  /// Why the compiler left a function to the baseline; nil if it has code here.
  public func baselineReason(function: Int) -> BaselineReason? {
    code.baselineReason(function: function)
  }

  /// Rows of `code.loops` that belong to a function, in order of their byte offsets.
  public func loopRows(function: Int) -> Range<Int> {
    let first = code.loops.partitioningIndex { Int($0.function) >= function }
    let end = code.loops.partitioningIndex { Int($0.function) > function }
    return first..<end
  }

  /// The compares in the code that guards with a deopt rest on.
  public func guardTests() throws(ArtefactError) -> ArtefactTable<GuardTest> {
    try tables.guardTests(text: map.image.text, contents: map.image.contents)
  }

  // MARK: Places

  /// Whether an address lies in this artefact's code.
  public func contains(address: UInt) -> Bool { map.contains(address: address) }

  /// The wasm instructions that the machine instruction at `address` belongs to, innermost first: one for
  /// each inlined body around it. Empty where the code belongs to none.
  public func places(address: UInt) -> [ArtefactPlace] { map.places(address: address) }

  /// The same, and for code of no instruction those of the nearest in its function.
  package func nearestPlaces(address: UInt) -> [ArtefactPlace] {
    map.nearestPlaces(address: address)
  }

  /// The same for a place that compiled code names itself.
  public func places(_ location: CodeLocation) -> [ArtefactPlace] { tables.places(location) }

  /// As machine code would name a place in a version with deopts.
  func trapPlace(speculative location: CodeLocation) -> TrapPlace {
    tables.trapPlace(speculative: location)
  }

  /// What was planned for each call site and why; nil if it was left out.
  public func siteReport() throws(ArtefactError) -> SiteReport? {
    guard map.image.sections[ArtefactSection.sites.rawValue] != nil else { return nil }
    return try tables.siteReport(contents: map.image.contents)
  }
}

/// A file's contents, read once, so that what is checked cannot change afterwards.
private struct ArtefactInput {
  /// Code and tables are at most ``ArtefactImage/maximumSize``; debug sections come on top.
  private static let maximumSize = 1 << 32

  private let descriptor: Int32
  private let isRegular: Bool
  private var storage: UnsafeMutableRawBufferPointer
  private var count = 0

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[..<count]) }
  /// The file's descriptor, if its pages can be mapped.
  var mappable: Int32? { isRegular ? descriptor : nil }

  init(path: HostString) throws(ArtefactError) {
    func failure(_ reason: String = String(cString: strerror(errno))) -> ArtefactError {
      ArtefactError(.system, "\(path): \(reason)")
    }
    descriptor = aboveStandardStreams(path.withCString { Glibc.open($0, O_RDONLY | O_CLOEXEC) })
    guard descriptor >= 0 else { throw failure() }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let error = failure()
      Glibc.close(descriptor)
      throw error
    }
    isRegular = status.st_mode & S_IFMT == S_IFREG
    // A pipe tells no size.
    let size = isRegular ? Int(status.st_size) : 1 << 16
    guard size <= Self.maximumSize else {
      Glibc.close(descriptor)
      throw failure(String(cString: strerror(EFBIG)))
    }
    storage = .allocate(byteCount: max(1, size), alignment: 16)
    do throws(ArtefactError) {
      while try readMore({ failure($0) }) {}
      if isRegular && count < size { throw failure("cut off while reading") }
    } catch {
      close()
      throw error
    }
  }

  /// - Returns: false at the end.
  private mutating func readMore(_ failure: (String) -> ArtefactError) throws(ArtefactError) -> Bool
  {
    if count == storage.count {
      guard !isRegular else { return false }
      guard count < Self.maximumSize else { throw failure(String(cString: strerror(EFBIG))) }
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * count, alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(storage))
      storage.deallocate()
      storage = larger
    }
    // In bounds: at most what is left of the storage is read.
    let more = read(descriptor, storage.baseAddress! + count, storage.count - count)
    if more < 0 && errno == EINTR { return true }
    guard more >= 0 else { throw failure(String(cString: strerror(errno))) }
    count += more
    return more > 0
  }

  func close() {
    storage.deallocate()
    Glibc.close(descriptor)
  }
}
