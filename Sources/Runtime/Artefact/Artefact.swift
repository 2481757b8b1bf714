import CRuntime
import Contract
import Files
import Glibc
import Wasm

// This folder: loads an artefact from a file.
//
//   Artefact              the loader, which runs these steps in order:
//   ArtefactInput         maps the file
//   ArtefactLayout        places sections in memory, collects relocations
//   ArtefactTables        decodes the tables
//   ArtefactCheck, ArtefactSites     check the tables against the module, most of them when they are used
//   ArtefactProcessor     checks that this CPU has the required features
//   ArtefactPatch         changes the code during loading, for testing tools
//   ArtefactImage         the code in memory. ArtefactRegistration, ArtefactMap: map code to places in the module
//   ArtefactInstance      the artefact's functions as entries of an instance. ArtefactFrames: its frames, for exceptions
//   MappedFiles           files whose pages this process executes

/// Compiled code of a module, checked and in memory. Any number of stores and threads can share it. `wasm-pgo compile` creates
/// it, as a `.so` or a `.o`; both work alike.
///
/// Nothing in the file is trusted before it is checked. Loading checks the checksums, the required CPU features, the module
/// except for its function bodies, and the tables of code. A body is validated before it is compiled or read, and a deopt point
/// is checked when a guard first fails there; what is wrong with them ends the call with an `ArtefactError`. ``check()``
/// checks everything at once. Machine code itself cannot be checked: whoever can write it can do whatever this process can do
/// (SECURITY.md).
public final class Artefact: Sendable {
  /// The module, valid except for its function bodies.
  public let module: Module
  /// What the artefact was compiled from, by which compiler, and for which CPU features.
  public let manifest: ArtefactManifest
  package let tables: ArtefactTables
  /// Tables of functions, OSR entries and inlining nodes: section `.wpgo.code`.
  public var code: CodeTables { tables.code }
  /// Baseline code: section `.wpgo.baseline`.
  public var baseline: BaselineTable { tables.baseline }
  /// Frame states: section `.wpgo.deopt`.
  public var deopts: DeoptTable { tables.deopts }
  /// Maps machine code to wasm instructions: section `.wpgo.locations`.
  public var locations: LocationTable { tables.locations }
  /// How exceptions leave frames of optimized code, or are caught there: section `.wpgo.handlers`.
  public var handlers: HandlerTable { tables.handlers }
  let map: ArtefactMap
  private let mappedFile: FileIdentity?
  /// The control of the ``ArtefactPatch`` that the artefact was loaded with.
  package let control: (any DeoptControl)?

  /// Maps and checks the artefact at `path`.
  public convenience init(path: String) throws(ArtefactError) {
    try self.init(path: HostString(path))
  }

  /// Maps and checks the artefact at `path`. What is no regular file is copied, as are the sections of a `.o`. The file must
  /// not be changed while the artefact is in use, only replaced by renaming another over it (SECURITY.md).
  /// - Throws: `ArtefactError` of kind `.system`, `.corrupt` or `.incompatible`.
  public convenience init(path: HostString) throws(ArtefactError) {
    try self.init(path: path, patch: nil)
  }

  /// Checks the artefact in `bytes`, which are copied.
  /// - Parameter isForReading: skips the check of the CPU's features. The code must not be run then.
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

  /// Checks the artefact that is linked into this program, and uses it where it is.
  /// - Parameter symbol: what `compile --symbol` defined.
  public convenience init(linked symbol: UnsafeRawPointer) throws(ArtefactError) {
    try self.init(ArtefactImage(LinkedArtefact(symbol)), file: nil, patch: nil, isForReading: false)
  }

  private convenience init(
    _ bytes: UnsafeRawBufferPointer, file: Int32?, patch: (any ArtefactPatch)?,
    isForReading: Bool = false
  ) throws(ArtefactError) {
    let elf = try ELFFile(ArtefactFile.open(bytes))
    try self.init(
      ArtefactImage(elf, file: file, roomBehind: patch?.room(elf) ?? 0), file: file, patch: patch,
      isForReading: isForReading)
  }

  private init(
    _ image: ArtefactImage, file: Int32?, patch: (any ArtefactPatch)?, isForReading: Bool
  ) throws(ArtefactError) {
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
      module = try Module(deferringBodies: Array(moduleBytes))
    } catch {
      throw ArtefactError(module: error)
    }
    tables = try ArtefactTables(
      module: module, manifest: manifest, text: image.text, contents: image.contents)
    // Tools read everything.
    if isForReading || patch != nil { try tables.checkAll() }
    map = ArtefactMap(image: image, tables: tables)
    control = try patch?.apply(to: image, tables)
    mappedFile = file.flatMap { FileIdentity(descriptor: $0) }
    try map.register()
    if let mappedFile { MappedFiles.add(mappedFile) }
  }

  /// Checks a row of ``deopts``; must be called before it is used.
  func check(_ point: DeoptPoint) throws(ArtefactError) { try tables.check(point) }

  /// Checks what loading leaves until it is used: the bodies of the module's functions, all deopt points and all locations.
  /// - Throws: `ArtefactError` of kind `.corrupt`.
  public func check() throws(ArtefactError) { try tables.checkAll() }

  /// Checks that the code was sealed with this module, these entries and these guard tests.
  private static func checkSeal(_ image: ArtefactImage) throws(ArtefactError) {
    let seal = try CodeSeal(endOf: image.text)
    for (section, hash) in [
      (ArtefactSection.module, seal.module), (.code, seal.code), (.baseline, seal.baseline),
      (.guards, seal.guards), (.handlers, seal.handlers),
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

  /// CPU features that the code may use and this CPU lacks. Always empty unless the artefact was loaded for reading.
  public var missingFeatures: [String] { Processor.missing(manifest) }

  // MARK: Code

  /// Address of the first byte of machine code. Offsets in all tables are relative to it.
  public var textAddress: UInt { map.textAddress }
  /// Size of the machine code.
  public var textSize: Int { map.textSize }

  private func row(_ function: Int) -> FunctionCode {
    code.functions[function - module.importedFunctionCount]
  }

  /// The address that calls of a function use initially: that of its optimized code, or else of its baseline code. For a
  /// function without either, that is a jump through the context's entry.
  /// - Parameter function: index of a function that the module defines.
  public func entryAddress(function: Int) -> UInt { textAddress + UInt(row(function).entry) }

  /// The code of a speculative function's version without deopts; nil if it has none.
  public func genericAddress(function: Int) -> UInt? {
    let row = row(function)
    return row.hasGeneric ? textAddress + UInt(row.generic) : nil
  }

  /// The address in references to a function: its entry if that never changes, or else a jump through the context's entry.
  /// - Parameter function: index of a function that the module defines.
  package func referenceAddress(function: Int) -> UInt {
    let row = row(function)
    return textAddress + UInt(row.isSpeculative ? row.entryStub : row.entry)
  }

  /// Whether the version that calls enter has deopts.
  /// - Parameter function: index of a function that the module defines.
  public func isSpeculative(function: Int) -> Bool { row(function).isSpeculative }

  /// Why a function fell back to baseline code; nil if it has compiled code.
  public func baselineReason(function: Int) -> BaselineReason? {
    code.baselineReason(function: function)
  }

  /// The function's rows of `code.loops`, in order of their byte offsets.
  public func loopRows(function: Int) -> Range<Int> {
    let first = code.loops.partitioningIndex { Int($0.function) >= function }
    let end = code.loops.partitioningIndex { Int($0.function) > function }
    return first..<end
  }

  /// The compares in the code that guards with a deopt use.
  public func guardTests() throws(ArtefactError) -> ArtefactTable<GuardTest> {
    try tables.guardTests(text: map.image.text, contents: map.image.contents)
  }

  // MARK: Places

  /// Whether an address is in this artefact's code.
  public func contains(address: UInt) -> Bool { map.contains(address: address) }

  /// The wasm instructions of the call whose last byte is at `address`, innermost first: one for each inlined body that contains
  /// it. For other code, those of the last call before it, or of the function's start; empty outside functions.
  public func places(address: UInt) -> [ArtefactPlace] { map.places(address: address) }

  /// The places of the last call or memory access at or before `address`, or of the function's start.
  package func nearestPlaces(address: UInt) -> [ArtefactPlace] {
    map.nearestPlaces(address: address)
  }

  /// The places of a location that compiled code passed.
  public func places(_ location: CodeLocation) -> [ArtefactPlace] { tables.places(location) }

  /// Converts a location in a speculative version to the form that machine code would pass.
  func trapPlace(speculative location: CodeLocation) -> TrapPlace {
    tables.trapPlace(speculative: location)
  }

  /// The plan's decision for each call site, with its reason; nil if the artefact does not contain the report.
  public func siteReport() throws(ArtefactError) -> SiteReport? {
    guard map.image.sections[ArtefactSection.sites.rawValue] != nil else { return nil }
    return try tables.siteReport(contents: map.image.contents)
  }
}
