import Contract
import TestSupport
import Testing
import Wasm

@testable import Runtime

/// Tables that say what is not so, behind right checksums: what the loader cannot know, the deoptimizer looks at.
@Suite struct ArtefactBoundsTests {
  private static let values: DeoptCase = make(DeoptPrograms.manyValues)
  private static let references: DeoptCase = make(
    """
    (module
      (type $f (func (param i32) (result i32)))
      (table $t 2 2 funcref) (elem (i32.const 0) $hot $cold)
      (table $kept (export "kept") 1 1 funcref)
      (func $hot (export "hot") (type $f) (local.get 0))
      (func $cold (export "cold") (type $f) (i32.const -1))
      (func (export "run") (param $miss i32) (param $x i32) (result i32) (local $r funcref)
        (local.set $r (table.get $t (local.get $miss)))
        (local.set $x (call_indirect $t (type $f) (local.get $x) (local.get $miss)))
        (table.set $kept (i32.const 0) (local.get $r))
        (local.get $x)))
    """)

  private static func make(_ text: String) -> DeoptCase {
    // A failure here shows in each test.
    try! DeoptCase(text, [.init("run", 0, "hot")])
  }

  /// An artefact with one word changed.
  private struct Edited {
    let program: DeoptCase
    let section: ArtefactSection
    /// Byte offset in the section's contents.
    let offset: Int

    init(
      _ program: DeoptCase, _ section: ArtefactSection, _ place: UnsafePointer<UInt32>, _ word: Int
    ) throws {
      self.program = program
      self.section = section
      let artefact = try #require(program.artefact.code as? Artefact)
      let first =
        section == .code ? artefact.code.functions.words : artefact.deopts.points.words
      offset = 4 + 4 * (place - first + word)
    }

    func artefact(
      _ value: UInt32, withCode: Bool = false
    ) throws -> Artefact {
      var surgery = try ArtefactSurgery(program.artefactBytes)
      surgery[section, offset] = value
      return try Artefact(bytes: surgery.sealed(withCode: withCode))
    }

    /// The message of the refusal by the loader or by the check of everything; empty if there is none.
    func refusal(_ value: UInt32, withCode: Bool = false) throws -> String {
      do {
        try artefact(value, withCode: withCode).check()
        return ""
      } catch let error as ArtefactError {
        return error.message
      }
    }
  }

  private func artefact(_ program: DeoptCase) throws -> Artefact {
    try #require(program.artefact.code as? Artefact)
  }

  /// What a call whose guard fails throws.
  private func failure(_ artefact: Artefact) throws -> ArtefactError? {
    let store = try Store()
    defer { withExtendedLifetime(store) {} }
    let instance = try Linker(store).instantiate(CompiledModule(artefact: artefact))
    let run = try #require(instance.exportedFunction("run"))
    do {
      _ = try run.call([.i32(1), .i32(5)])
    } catch let error as ArtefactError {
      // The instance can be called again.
      #expect(throws: Never.self) { try run.call([.i32(0), .i32(5)]) }
      return error
    }
    return nil
  }

  @Test func locationsAreInTheFrame() throws {
    let deopts = try artefact(Self.values).deopts
    let row = try #require(
      deopts.locations.firstIndex { $0.kind == PackedLocation.Kind.stackPointer.rawValue })
    let size = try #require(artefact(Self.values).code.functions.map(\.frameSize).max())
    #expect(size >= 24 * 8)
    let payload = try Edited(Self.values, .deopt, deopts.locations.words, 2 * row + 1)
    for good in [0, size - 4] { #expect(try payload.refusal(good) == "") }
    for bad in [size - 3, size, size + 8, 1 << 23, 0x7FFF_FFFF] {
      #expect(try payload.refusal(bad) == "deopt point has a location outside of its frame")
    }
    #expect(try payload.refusal(.max) == "not a value location")
    // From rbp, a negative number is read as one from rsp is: too large.
    let kind = try Edited(Self.values, .deopt, deopts.locations.words, 2 * row)
    #expect(try kind.refusal(PackedLocation.Kind.framePointer.rawValue) == "not a value location")
    #expect(try kind.refusal(PackedLocation.Kind.undefined.rawValue) == "not a value location")
  }

  /// Of a location of 16 bytes all are in the frame, and of registers only vectors have as many.
  @Test func vectorsAreInTheFrame() throws {
    let deopts = try artefact(Self.values).deopts
    let size = try #require(artefact(Self.values).code.functions.map(\.frameSize).max())
    func refusal(_ changed: PackedLocation, at row: Int) throws -> String {
      var surgery = try ArtefactSurgery(Self.values.artefactBytes)
      let offset = 4 + 4 * (deopts.locations.words + 2 * row - deopts.points.words)
      surgery[.deopt, offset] = changed.kind
      surgery[.deopt, offset + 4] = UInt32(bitPattern: changed.payload)
      do throws(ArtefactError) {
        try Artefact(bytes: surgery.sealed()).check()
        return ""
      } catch {
        return error.message
      }
    }
    let row = try #require(
      deopts.locations.firstIndex { $0.kind == PackedLocation.Kind.stackPointer.rawValue })
    func onStack(_ offset: UInt32) -> PackedLocation {
      PackedLocation(.stackPointer, Int32(offset), .vector)
    }
    let outside = "deopt point has a location outside of its frame"
    #expect(try refusal(onStack(size - 16), at: row) == "")
    #expect(try refusal(onStack(size - 15), at: row) == outside)
    #expect(try refusal(PackedLocation(.framePointer, -16, .vector), at: row) == "")
    #expect(
      try refusal(PackedLocation(.framePointer, -Int32(size) - 1, .vector), at: row) == outside)
    let impossible = [
      PackedLocation(.framePointer, -8, .vector), PackedLocation(.constant, 1, .vector),
      PackedLocation(.undefined, 0, .vector), PackedLocation(.pooled, 0, .vector),
      PackedLocation(.saved, Int32(CaptureArea.general(3)), .vector),
      PackedLocation(.saved, Int32(CaptureArea.vector(3)) + 8, .vector),
    ]
    for location in impossible {
      #expect(try refusal(location, at: row) == "not a value location", "\(location)")
    }
    #expect(
      try refusal(PackedLocation(.saved, Int32(CaptureArea.vector(31)), .vector), at: row) == "")
  }

  /// The same when a guard fails there, without a check of everything before.
  @Test func wrongPointsEndTheCall() throws {
    let deopts = try artefact(Self.values).deopts
    let row = try #require(
      deopts.locations.firstIndex { $0.kind == PackedLocation.Kind.stackPointer.rawValue })
    let location = try Edited(Self.values, .deopt, deopts.locations.words, 2 * row + 1)
    #expect(
      try failure(location.artefact(1 << 23))?.message
        == "deopt point has a location outside of its frame")
    #expect(try failure(location.artefact(.max))?.message == "not a value location")
    for word in 1..<DeoptPoint.wordCount {
      let point = try Edited(Self.values, .deopt, deopts.points.words, word)
      #expect(
        try failure(point.artefact(0x7FFF_FFFF))?.message
          == "deopt point refers to what is not there")
    }
    let frame = try Edited(Self.values, .deopt, deopts.frames.words, 3)
    #expect(
      try failure(frame.artefact(0x7FFF_FFFF))?.message
        == "frame state refers to what is not there")
    let call = try Edited(Self.values, .deopt, deopts.frames.words, 1)
    #expect(
      try failure(call.artefact(deopts.frames[0].byteOffset + 1))?.message
        == "frame state at \(deopts.frames[0].byteOffset + 1) is at no instruction")
    let locals = try Edited(Self.values, .deopt, deopts.frames.words, 4)
    #expect(
      try failure(locals.artefact(deopts.frames[0].localCount - 1))?.message
        == "frame state's size does not match")
  }

  /// A body that is not valid, in a module that is otherwise and has all hashes right, is found when it is needed.
  @Test func invalidBodiesEndTheCall() throws {
    let program = Self.values
    let module = program.module
    let run = try #require(module.function(exported: "run"))
    var surgery = try ArtefactSurgery(program.artefactBytes)
    let start = try #require(surgery.contents(.module)).lowerBound
    let end = module.functions[run].body.upperBound - 1
    // `end` becomes `unreachable`: the body goes on behind the end.
    #expect(surgery.elf[start + end] == 0x0B)
    surgery.elf[start + end] = 0x00
    let artefact = try Artefact(bytes: surgery.sealed(withCode: true))
    let error = try failure(artefact)
    #expect(error?.section == ArtefactSection.module.rawValue)
    #expect(error?.message.hasPrefix("module: ") == true)
    #expect(throws: ArtefactError.self) { try artefact.check() }
  }

  /// The table's size of a frame is held against the frame.
  @Test func framesAreAsLargeAsTheTableSays() throws {
    let code = try artefact(Self.values).code
    let row = try #require(code.functions.firstIndex { $0.frameSize > 0 })
    let size = code.functions[row].frameSize
    let edited = try Edited(
      Self.values, .code, code.functions.words, FunctionCode.wordCount * row + 4)
    #expect(try edited.refusal(size + 8) == "machine code was made for other contents")
    #expect(try failure(edited.artefact(size, withCode: true)) == nil)
    let message = "frame state does not fit the frame"
    #expect(try failure(edited.artefact(size + 8, withCode: true))?.message == message)
    #expect(try failure(edited.artefact(1 << 30, withCode: true))?.message == message)
    #expect(try edited.refusal(1 << 31, withCode: true) == "function's frame is too large")
    #expect(try edited.refusal(8, withCode: true).contains("outside of its frame"))
  }

  @Test func deoptsWithoutAPointAreErrors() throws {
    let deopts = try artefact(Self.values).deopts
    #expect(deopts.points.count == 1)
    let edited = try Edited(Self.values, .deopt, deopts.points.words, 0)
    let error = try failure(edited.artefact(deopts.points[0].codeOffset - 1))
    #expect(error?.message == "deopt from code without a frame state")
  }

  /// No number becomes a reference.
  @Test func referencesAreReferences() throws {
    let deopts = try artefact(Self.references).deopts
    let frame = deopts.frame(deopts.frames[0])
    let types = frame.locals + frame.operands
    let slot = try #require(types.firstIndex(of: .function))
    let row = Int(deopts.points[0].firstLocation) + slot
    let sound = deopts.locations[row]
    #expect(sound.kind != PackedLocation.Kind.constant.rawValue, "the reference is dead")
    let payload = try Edited(Self.references, .deopt, deopts.locations.words, 2 * row + 1)
    #expect(try failure(payload.artefact(UInt32(bitPattern: sound.payload))) == nil)
    let kind = try Edited(Self.references, .deopt, deopts.locations.words, 2 * row)
    let number = try kind.artefact(PackedLocation.Kind.constant.rawValue)
    let message = "frame state does not fit the frame"
    // The payload, which was a place of the capture area or of the frame, is the value now.
    if sound.payload != 0 { #expect(try failure(number)?.message == message) }
    // The context and the frame pointer are addresses, and no references.
    for register in [5, 7] where sound.kind == PackedLocation.Kind.saved.rawValue {
      let edited = try payload.artefact(UInt32(CaptureArea.general(register)))
      #expect(try failure(edited)?.message == message)
    }
  }

  @Test func entriesAreThoseOfTheCode() throws {
    let code = try artefact(Self.values).code
    for word in 0..<FunctionCode.wordCount * code.functions.count {
      let edited = try Edited(Self.values, .code, code.functions.words, word)
      let value = (code.functions.words + word).pointee
      for other in [value &+ 1, value &+ 16, 0] where other != value {
        #expect(try edited.refusal(other) == "machine code was made for other contents")
        // With a seal of its own: nothing that the loader itself could stumble over.
        _ = try edited.refusal(other, withCode: true)
      }
    }
    let second = try Edited(Self.values, .code, code.functions.words, FunctionCode.wordCount)
    #expect(
      try second.refusal(code.functions[0].entry, withCode: true)
        == "versions of functions overlap")
  }
}
