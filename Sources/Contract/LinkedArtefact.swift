/// Where an artefact's sections are in the program that it is linked into: what `compile --symbol` defines, and a host passes to the loader.
///
///     u64 magic   then, for each of ``sections``:   u64 address   u64 size
///
/// The addresses are relocations, which the linker resolves, or the program's start if it is position independent.
public struct LinkedArtefact {
  private static let magic: UInt64 = 0x314B_4E49_4C4F_4750  // "PGOLINK1"

  /// The machine code, and what describes it.
  public static let sections = [".text"] + ArtefactSection.allCases.map(\.rawValue)

  /// The bytes of each of ``sections``; they live as long as the program.
  public let contents: [UnsafeRawBufferPointer]

  /// Reads what a symbol refers to.
  public init(_ symbol: UnsafeRawPointer) throws(ArtefactError) {
    guard UInt(bitPattern: symbol) % 8 == 0, symbol.load(as: UInt64.self) == Self.magic else {
      throw ArtefactError(
        .incompatible, "the symbol is not one of this version's compile --symbol")
    }
    // What has the magic number has a row for each section.
    contents = Self.sections.indices.map { index in
      let row = symbol + 8 + 16 * index
      return UnsafeRawBufferPointer(
        start: row.load(as: UnsafeRawPointer?.self),
        count: Int(truncatingIfNeeded: row.load(fromByteOffset: 8, as: UInt64.self)))
    }
  }

  /// Whether a name can be a symbol of C.
  public static func isSymbol(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    let letters = bytes.map { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 || $0 == 0x5F }
    let digits = bytes.map { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    return letters.first == true && zip(letters, digits).allSatisfy { $0 || $1 }
  }

  /// The start of a section in ``script(symbol:)`` and ``assembly(symbol:sizes:)``.
  private static func start(_ symbol: String, _ section: String) -> String { symbol + section }

  /// A script for `ld -r`, which gives each section a symbol of its own at its start.
  public static func script(symbol: String) -> String {
    let rows = sections.map { section in
      "  \(section) 0 : { \(start(symbol, section)) = .; *(\(section)) }"
    }
    return "SECTIONS {\n\(rows.joined(separator: "\n"))\n}\n"
  }

  /// What the assembler makes the symbol of.
  /// - Parameter sizes: of each of ``sections``.
  public static func assembly(symbol: String, sizes: [Int]) -> String {
    let rows = zip(sections, sizes).map { "  .quad \(start(symbol, $0)), \($1)\n" }
    return """
        .section .data.rel.ro.\(symbol),"aw",@progbits
        .globl \(symbol)
        .type \(symbol), @object
        .p2align 4
      \(symbol):
        .quad \(magic)
      \(rows.joined())
        .size \(symbol), . - \(symbol)
        .section .note.GNU-stack,"",@progbits

      """
  }
}
