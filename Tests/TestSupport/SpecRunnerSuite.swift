import Foundation
import Wasm

/// The official test suite in the form that wast2json writes, at the path in `SPEC_TESTSUITE`.
public enum SpecSuite {
  public static let path = ProcessInfo.processInfo.environment["SPEC_TESTSUITE"]

  public struct File: Sendable, CustomStringConvertible {
    /// Relative to the suite.
    public let description: String
    /// Commands that call something.
    public let callCount: Int

    var url: URL { URL(fileURLWithPath: SpecSuite.path ?? "").appending(path: description) }
  }

  /// All files that need supported features only; none without a suite.
  public static let files: [File] = (try? load()) ?? []

  private struct Manifest: Decodable {
    struct File: Decodable {
      let file: String
      let features: [String]
      let byType: [String: Int]

      enum CodingKeys: String, CodingKey {
        case file, features
        case byType = "by_type"
      }
    }
    let files: [File]
  }

  private static func load() throws -> [File] {
    guard let path else { return [] }
    let url = URL(fileURLWithPath: path).appending(path: "manifest.json")
    let manifest = try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: url))
    let supported = Set(FeatureSet.valid.members.map(manifestName))
    return manifest.files.filter { supported.isSuperset(of: $0.features) }.map { file in
      let calls = ["assert_return", "assert_trap", "assert_exhaustion", "action"]
      return File(
        description: file.file, callCount: calls.reduce(0) { $0 + (file.byType[$1] ?? 0) })
    }
  }

  /// The manifest has some names of its own.
  private static func manifestName(_ feature: Feature) -> String {
    switch feature {
    case .signExtension: "sign-ext"
    case .saturatingFloatToInt: "sat-float-to-int"
    case .mutableGlobals: "mutable-global-import/export"
    default: feature.rawValue
    }
  }
}
