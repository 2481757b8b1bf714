import Foundation
import TestSupport
import Testing
import Wasm

@testable import WasmText

/// The official suite's texts, and its binaries there and back.
@Suite(.enabled(if: Suite.isPresent()))
struct TextSuiteTests {
  /// Every text that must be refused is: in supported files for the reason that it tests, in others for that or
  /// because of their feature.
  @Test func malformedTexts() throws {
    var count = 0
    for test in try Suite.texts() {
      count += 1
      do throws(WasmTextError) {
        _ = try assemble(test.bytes)
        Issue.record("\(test.name) is malformed (\(test.text))")
      } catch {
        let isOtherFeature = error.message.contains("not supported")
        #expect(!test.isSupported || !isOtherFeature, "\(test.name) (\(test.text)): \(error)")
      }
    }
    print("malformed texts: \(count)")
    #expect(count > 1_200)
  }

  /// Binary → text (wabt) → binary (ours) → text (wabt) gives the same text, flat and folded; and but for
  /// the name section our bytes are those that wabt makes of the text, save where it drops an empty `else`.
  @Test(.enabled(if: Wabt.isPresent()), arguments: ["", "--fold-exprs"])
  func roundTrip(options: String) throws {
    let cases = try Suite.cases().filter { $0.isSupported && $0.expectation != .malformed }
    let folder = try TemporaryFolder()
    for (index, test) in cases.enumerated() { try folder.write(test.bytes, "\(index).wasm") }
    try Wabt.run("wasm2wat --no-check \(options) $f.wasm -o $f.wat", "wasm", in: folder)
    try Wabt.run("wat2wasm --no-check $f.wat -o $f.wabt", "wat", in: folder)
    var same = 0
    var others: [(index: Int, name: String, text: [UInt8])] = []
    for (index, test) in cases.enumerated() {
      // What wabt cannot write as text, or not read again, it is no measure for.
      guard let text = try? folder.bytes("\(index).wat"),
        let theirs = try? folder.bytes("\(index).wabt")
      else { continue }
      do throws(WasmTextError) {
        let bytes = try assemble(text)
        if Self.withoutCustomSections(bytes) == theirs {
          same += 1
        } else {
          others.append((index, test.name, text))
          try? folder.write(bytes, "\(index).ours")
        }
      } catch {
        // wabt writes alignments of 2^31 and more as negative numbers made unsigned.
        #expect(error.message.hasPrefix("'align=1844"), "\(test.name): \(error)")
      }
    }
    try Wabt.run("wasm2wat --no-check \(options) $f.ours -o $f.again", "ours", in: folder)
    for other in others {
      #expect((try? folder.bytes("\(other.index).again")) == other.text, "\(other.name)")
    }
    print("round trips: \(same) with wabt's bytes, \(others.count) with the same text")
    #expect(same > 1_500)
  }

  /// wabt writes no names unless asked.
  static func withoutCustomSections(_ bytes: [UInt8]) -> [UInt8] {
    guard let first = try? Module(decoding: bytes).customSections.first else { return bytes }
    // Ours has at most the name section, as its last: id, size, the name's length and `name` come before.
    let contents = first.bytes.count + 5
    return Array(bytes.prefix(first.bytes.lowerBound - 5 - Binary.leb(contents).count - 1))
  }
}

extension Suite {
  /// The texts that are malformed as modules. (Malformed annotations are not: those are skipped.)
  static func texts() throws -> [Case] {
    let root = URL(fileURLWithPath: path!)
    let manifest = try JSONDecoder().decode(
      Manifest.self, from: Data(contentsOf: root.appendingPathComponent("manifest.json")))
    return try manifest.files.flatMap { file in
      let json = root.appendingPathComponent(file.file)
      let script = try JSONDecoder().decode(Script.self, from: Data(contentsOf: json))
      return try script.commands.compactMap { command -> Case? in
        guard command.type == "assert_malformed", command.moduleType == "text",
          let name = command.filename
        else { return nil }
        let url = json.deletingLastPathComponent().appendingPathComponent(name)
        return Case(
          name: "\(json.lastPathComponent):\(command.line)",
          bytes: [UInt8](try Data(contentsOf: url)), expectation: .malformed,
          text: command.text ?? "", features: Set(file.features))
      }
    }
  }
}

/// wabt's tools, run over a folder's files.
enum Wabt {
  /// Skips aloud without them.
  static func isPresent() -> Bool {
    let isPresent = ["wasm2wat", "wat2wasm"].allSatisfy { tool in
      let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)") }
    }
    if !isPresent { print("SKIPPED: wabt is not installed") }
    return isPresent
  }

  /// Runs a command for every file with the suffix, `$f` being its name without. Failures show as files
  /// that are not there.
  static func run(_ command: String, _ suffix: String, in folder: TemporaryFolder) throws {
    let script = "ulimit -c 0; for f in *.\(suffix); do f=${f%.\(suffix)}; \(command); done"
    _ = try folder.command.shell(script)
  }
}
