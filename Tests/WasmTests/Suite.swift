import Foundation
import TestSupport

/// The official test suite, as commands with binary modules: a folder named by SPEC_TESTSUITE.
struct Suite {
  struct Manifest: Decodable {
    struct File: Decodable {
      var file: String
      var features: [String]
    }
    var files: [File]
  }

  struct Script: Decodable {
    struct Command: Decodable {
      var type: String
      var line: Int
      var filename: String?
      var moduleType: String?
      var text: String?

      enum CodingKeys: String, CodingKey {
        case type, line, filename, text
        case moduleType = "module_type"
      }
    }
    var commands: [Command]
  }

  /// What a binary module must do.
  enum Expectation { case valid, invalid, malformed }

  struct Case {
    var name: String
    var bytes: [UInt8]
    var expectation: Expectation
    /// What the suite says is wrong.
    var text: String
    /// What the file needs.
    var features: Set<String>

    var isSupported: Bool { features.isSubset(of: SpecSuite.supportedNames) }

    /// The threads proposal's files are older than several tables and memories.
    var isOutdated: Bool { ["multiple tables", "multiple memories"].contains(text) }
  }

  static let path = SpecSuite.path

  /// Skips aloud without the suite.
  static func isPresent() -> Bool {
    if path == nil { print("SKIPPED: SPEC_TESTSUITE is not set") }
    return path != nil
  }

  static func cases() throws -> [Case] {
    let root = URL(fileURLWithPath: path!)
    let manifest = try JSONDecoder().decode(
      Manifest.self, from: Data(contentsOf: root.appendingPathComponent("manifest.json")))
    return try manifest.files.flatMap { file in
      try cases(
        of: root.appendingPathComponent(file.file), features: Set(file.features))
    }
  }

  private static func cases(of file: URL, features: Set<String>) throws -> [Case] {
    let script = try JSONDecoder().decode(Script.self, from: Data(contentsOf: file))
    return try script.commands.compactMap { command in
      guard let name = command.filename, command.moduleType != "text" else { return nil }
      let expectation: Expectation
      switch command.type {
      case "module", "module_definition", "assert_unlinkable", "assert_uninstantiable":
        expectation = .valid
      case "assert_invalid": expectation = .invalid
      case "assert_malformed": expectation = .malformed
      default: return nil
      }
      let url = file.deletingLastPathComponent().appendingPathComponent(name)
      return Case(
        name: "\(file.lastPathComponent):\(command.line)",
        bytes: [UInt8](try Data(contentsOf: url)),
        expectation: expectation, text: command.text ?? "", features: features)
    }
  }
}
