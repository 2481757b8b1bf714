import CLLVM

/// Disassembles machine code with LLVM's disassembler (Intel syntax).
struct Disassembly {
  let target: TargetOptions

  init(_ target: TargetOptions) { self.target = target }

  /// A line for each instruction: its hexadecimal offset and its text.
  /// - Parameter notes: lines to insert before the instruction at an offset in `code`, each with its newline.
  func text(_ code: [UInt8], notes: [Int: String] = [:]) -> String {
    _ = LLVMInitializeNativeTarget()
    _ = LLVMInitializeNativeDisassembler()
    let decoder = LLVMCreateDisasmCPUFeatures(
      Pipeline.triple, target.cpu, target.features, nil, 0, nil, nil)
    defer { LLVMDisasmDispose(decoder) }
    LLVMSetDisasmOptions(decoder, UInt64(LLVMDisassembler_Option_AsmPrinterVariant))
    var code = code
    var line = [CChar](repeating: 0, count: 128)
    var text = ""
    var offset = 0
    while offset < code.count {
      // Reads at most `count` bytes, and writes at most as much text as the buffer holds.
      let length = code.withUnsafeMutableBufferPointer {
        LLVMDisasmInstruction(
          decoder, $0.baseAddress! + offset, UInt64($0.count - offset), 0, &line, line.count)
      }
      let characters = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      let shown = String(decoding: characters, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      let digits = String(offset, radix: 16)
      text += notes[offset] ?? ""
      text += String(repeating: " ", count: max(0, 6 - digits.count)) + digits + "  "
      offset += max(1, length)
      text += length == 0 ? "(bad)\n" : Self.resolve(shown, end: offset) + "\n"
    }
    return text
  }

  /// Shows the target of a direct jump as an offset in the code. A target that the linker fills in appears as the next
  /// instruction.
  private static func resolve(_ words: [Substring], end: Int) -> String {
    guard words.count == 2, words[0].hasPrefix("j") || words[0] == "call",
      let distance = Int(words[1])
    else { return words.joined(separator: " ") }
    return "\(words[0]) \(String(end + distance, radix: 16))"
  }
}
