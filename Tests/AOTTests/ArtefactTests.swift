import Contract
import Glibc
import Runtime
import TestSupport
import Testing
import Wasm

@testable import AOT

/// The loader, on artefacts that are sound and on such as are not.
@Suite struct ArtefactTests {
  static let programs: [Bool: DeoptCase] = [true: make(true), false: make(false)]

  private static func make(_ isShared: Bool) -> DeoptCase {
    // A failure here shows in each test.
    try! DeoptCase(
      DeoptPrograms.nested, DeoptPrograms.nestedSites,
      kind: .init(isShared: isShared, guardKind: nil))
  }

  private func program(_ isShared: Bool) throws -> DeoptCase {
    try #require(Self.programs[isShared])
  }

  @Test(arguments: [true, false]) func loads(isShared: Bool) throws {
    let program = try program(isShared)
    let artefact = try Artefact(bytes: program.artefactBytes)
    #expect(artefact.module.bytes == program.module.bytes)
    #expect(artefact.manifest.guardCount > 0)
    let run = try #require(program.module.function(exported: "run"))
    #expect(artefact.isSpeculative(function: run))
    #expect(artefact.entryAddress(function: run) != artefact.genericAddress(function: run))
    for function in program.module.functions.indices {
      #expect(artefact.contains(address: artefact.entryAddress(function: function)))
      if let generic = artefact.genericAddress(function: function) {
        #expect(artefact.contains(address: generic))
      }
    }
    #expect(!artefact.contains(address: artefact.textAddress - 1))
    #expect(!artefact.contains(address: artefact.textAddress + UInt(artefact.textSize)))
    #expect(try artefact.siteReport() != nil)
  }

  @Test(arguments: [true, false]) func placesKnowInlinedFrames(isShared: Bool) throws {
    let program = try program(isShared)
    let artefact = try Artefact(bytes: program.artefactBytes)
    // What they call has no place of its own: nothing in it calls or traps.
    let names = ["run", "a", "b", "c"].map { program.module.function(exported: $0) }
    var deepest: [ArtefactPlace] = []
    for offset in 0..<artefact.textSize {
      let places = artefact.places(address: artefact.textAddress + UInt(offset))
      if places.count > deepest.count { deepest = places }
    }
    #expect(deepest.map(\.function) == names.reversed())
    for place in deepest.dropFirst() {
      let calls = try program.module.offsets(of: .callIndirect, function: place.function)
      #expect(calls.contains(place.byteOffset))
    }
  }

  /// A signal comes at any instruction, and a backtrace then names the function.
  @Test(arguments: [true, false]) func allCodeHasAPlace(isShared: Bool) throws {
    let artefact = try Artefact(bytes: program(isShared).artefactBytes)
    for (index, row) in artefact.code.functions.enumerated() {
      let function = artefact.module.importedFunctionCount + index
      var code = Array(row.entry..<row.entry + row.entrySize)
      if row.isSpeculative { code += row.generic..<row.generic + row.genericSize }
      for offset in code {
        let address = artefact.textAddress + UInt(offset)
        #expect(
          artefact.nearestPlaces(address: address).last?.function == function, "code+\(offset)")
        #expect(artefact.places(address: address).last?.function == function, "code+\(offset)")
      }
    }
    #expect(artefact.nearestPlaces(address: artefact.textAddress - 1) == [])
    #expect(artefact.nearestPlaces(address: artefact.textAddress + UInt(artefact.textSize)) == [])
  }

  @Test(arguments: [true, false]) func loadsFromFile(isShared: Bool) throws {
    let bytes = try program(isShared).artefactBytes
    let path = "/tmp/wasm-pgo-artefact-test.\(getpid()).\(isShared ? "so" : "o")"
    try replaceArtefact(path, bytes)
    defer { unlink(path) }
    let artefact = try Artefact(path: path)
    // Code and tables: neither is writable, and only code is executable.
    #expect(rights(artefact.textAddress) == "r-xp")
    let tables = UInt(bitPattern: artefact.deopts.points.words)
    #expect(rights(tables) == "r--p")
    #expect(throws: ArtefactError.self) { try Artefact(path: path + ".missing") }
    #expect(throws: ArtefactError.self) { try Artefact(path: "/tmp") }
  }

  private func replaceArtefact(_ path: String, _ bytes: [UInt8]) throws {
    let file = fopen(path, "w")
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    fclose(file)
  }

  /// The rights of the mapping that holds an address, as /proc/self/maps writes them.
  private func rights(_ address: UInt) -> String? {
    guard let file = fopen("/proc/self/maps", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 4096)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let fields = text.split(separator: " ")
      let bounds = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      if bounds.count == 2, bounds[0] <= address, address < bounds[1] { return String(fields[1]) }
    }
    return nil
  }

  // MARK: Damage

  @Test(arguments: [true, false]) func truncationsAreErrors(isShared: Bool) throws {
    let bytes = try program(isShared).artefactBytes
    for count in bytes.indices {
      #expect(throws: ArtefactError.self, "\(count) bytes") {
        try Artefact(bytes: Array(bytes[..<count]))
      }
    }
  }

  @Test(arguments: [true, false]) func flippedBitsAreErrors(isShared: Bool) throws {
    var bytes = try program(isShared).artefactBytes
    var random = TestRandom(seed: 1)
    for _ in 0..<2000 {
      let bit = Int.random(in: 0..<8 * bytes.count, using: &random)
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: ArtefactError.self, "bit \(bit)") { try Artefact(bytes: bytes) }
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    }
  }

  /// With checksums made right again, what is behind them has to hold: an error or an artefact, never a crash.
  @Test(arguments: [true, false]) func damageBehindChecksumsIsHarmless(isShared: Bool) throws {
    let original = try ArtefactSurgery(program(isShared).artefactBytes)
    let areas = ArtefactSection.allCases.compactMap { original.contents($0) } + [0..<64]
    let tail = max(0, original.elf.count - 4096)..<original.elf.count
    var random = TestRandom(seed: 2)
    var errors = 0
    for round in 0..<4000 {
      var surgery = original
      let area = round % 4 == 0 ? tail : areas[round % areas.count]
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: area, using: &random)
        surgery.elf[place] =
          Bool.random(using: &random)
          ? surgery.elf[place] ^ 1 << UInt8.random(in: 0..<8, using: &random)
          : UInt8.random(in: 0...255, using: &random)
      }
      do {
        try Artefact(bytes: surgery.sealed()).check()
      } catch {
        errors += 1
      }
    }
    #expect(errors > 1000)
  }

  @Test func otherMachinesAndVersionsAreIncompatible() throws {
    let original = try ArtefactSurgery(program(true).artefactBytes)
    func kind(_ change: (inout ArtefactSurgery) throws -> Void) rethrows -> ArtefactError.Kind? {
      var surgery = original
      try change(&surgery)
      do {
        _ = try Artefact(bytes: surgery.sealed())
        return nil
      } catch {
        return error.kind
      }
    }
    #expect(kind { _ in } == nil)
    #expect(kind { $0[.manifest, 0] += 1 } == .incompatible)
    let version =
      try #require(original.contents(.deopt)).lowerBound - ArtefactSection.headerSize + 8
    #expect(kind { $0.elf[version] += 1 } == .incompatible)
    // The name of a feature that no machine has.
    try #expect(
      kind { surgery in
        let range = try #require(surgery.contents(.manifest))
        let name = Array("sse2".utf8)
        let place = try #require(
          range.first { surgery.elf[$0..<$0 + 5] == name[...] + [surgery.elf[$0 + 4]] })
        surgery.elf[place] = UInt8(ascii: "x")
      } == .incompatible)
  }

  /// A frame state's place and types are the module's, whatever the table says.
  @Test(arguments: [true, false]) func frameStatesAreHeldAgainstTheModule(isShared: Bool) throws {
    let program = try program(isShared)
    let artefact = try Artefact(bytes: program.artefactBytes)
    let original = try ArtefactSurgery(program.artefactBytes)
    let deopts = artefact.deopts
    let base = UnsafeRawPointer(deopts.points.words) - 4
    func offset<Row>(_ table: ArtefactTable<Row>) -> Int { UnsafeRawPointer(table.words) - base }
    func message(_ section: ArtefactSection, _ offset: Int, _ change: (UInt32) -> UInt32) -> String
    {
      var surgery = original
      surgery[section, offset] = change(surgery[section, offset])
      do {
        try Artefact(bytes: surgery.sealed()).check()
        return ""
      } catch {
        return error.message
      }
    }
    let types = deopts.types.baseAddress.map { $0 - base } ?? 0
    #expect(message(.deopt, types & ~3) { $0 ^ 0x0101_0101 }.contains("other types"))
    let frame = offset(deopts.frames)
    #expect(message(.deopt, frame + 4) { $0 + 1 } != "")  // byteOffset
    #expect(message(.deopt, frame + 8) { $0 ^ 1 } == "frame state resumes where it cannot")
    #expect(message(.deopt, frame + 16) { $0 - 1 } != "")  // localCount
    #expect(message(.deopt, offset(deopts.states) + 8) { $0 + 1 } != "")  // slotCount
    #expect(message(.deopt, offset(deopts.points)) { $0 + 1 << 16 } != "")  // codeOffset
    #expect(message(.deopt, offset(deopts.guards) + 4) { $0 + 1 } != "")
    #expect(message(.deopt, offset(deopts.locations)) { _ in 9 } == "not a value location")
    let functions = UnsafeRawPointer(artefact.code.functions.words) - 4
    let nodes = UnsafeRawPointer(artefact.code.inlineNodes.words) - functions
    // The first node that is not a root stands for another function.
    let inlined = try #require(
      artefact.code.inlineNodes.firstIndex { $0.parent != InlineNode.root })
    #expect(message(.code, nodes + 12 * inlined + 8) { $0 + 1 } != "")
    #expect(message(.code, 4) { _ in UInt32(artefact.textSize) } != "")
  }
}
