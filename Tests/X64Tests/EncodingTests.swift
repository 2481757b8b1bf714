import Foundation
import Testing
import X64

/// Every instruction against checked bytes, and those against LLVM's disassembler where there is one.
@Suite("Encodings")
struct EncodingTests {
  struct Row: Sendable {
    var text: String
    var bytes: String
    var emit: @Sendable (inout Assembler) -> Void

    init(_ text: String, _ bytes: String, _ emit: @escaping @Sendable (inout Assembler) -> Void) {
      self.text = text
      self.bytes = bytes
      self.emit = emit
    }

    var encoded: String {
      var assembler = Assembler()
      emit(&assembler)
      return assembler.code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }

  static let rows = encodings + packedShapes + packedEncodings

  @Test func bytes() {
    #expect(packedEncodings.count == PackedEmissions.all.count)
    for row in Self.rows { #expect(row.encoded == row.bytes, "\(row.text)") }
  }

  static let disassembler = ["llvm-mc-19", "llvm-mc"].lazy.map { "/usr/bin/" + $0 }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  @Test(.enabled(if: Self.disassembler != nil, "no llvm-mc here"))
  func disassembly() throws {
    let path = try #require(Self.disassembler)
    let lines = Self.rows.map { row in
      Array(row.encoded).chunked(2).map { "0x" + String($0) }.joined(separator: " ")
    }
    let output = try run(
      path, ["--disassemble", "--triple=x86_64", "--output-asm-variant=1"],
      input: lines.joined(separator: "\n") + "\n")
    let texts = output.split(separator: "\n").map { line in
      // Permutations are explained in a comment.
      line.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces)
        .replacing("\t", with: " ").replacing("  ", with: " ")
    }.filter { !$0.hasPrefix(".") }
    #expect(texts.count == Self.rows.count)
    for (row, text) in zip(Self.rows, texts) { #expect(text == row.text) }
  }

  private func run(_ path: String, _ arguments: [String], input: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let (standardInput, standardOutput) = (Pipe(), Pipe())
    process.standardInput = standardInput
    process.standardOutput = standardOutput
    try process.run()
    // Less than a pipe holds.
    standardInput.fileHandleForWriting.write(Data(input.utf8))
    try standardInput.fileHandleForWriting.close()
    let output = standardOutput.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self)
  }
}

extension Array {
  fileprivate func chunked(_ size: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
  }
}
