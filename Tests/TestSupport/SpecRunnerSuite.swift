import Foundation
import Wasm

/// The official test suite in the form that wast2json writes, at the path in `SPEC_TESTSUITE`.
public enum SpecSuite {
  public static let path = ProcessInfo.processInfo.environment["SPEC_TESTSUITE"].flatMap {
    $0.isEmpty ? nil : $0
  }

  public struct File: Sendable, CustomStringConvertible {
    /// Relative to the suite.
    public let description: String
    /// Whether it is about vectors.
    public let hasVectors: Bool
    /// Commands that call something.
    public let callCount: Int
    /// Whether its memories are shared, and are taken for unshared.
    let hasSharedMemories: Bool

    var url: URL { URL(fileURLWithPath: SpecSuite.path ?? "").appending(path: description) }
  }

  /// All files that need supported features only, and those of ``inPart``; none without a suite.
  public static let files: [File] = (try? load()) ?? []

  /// Files that need a feature by the manifest that is not supported, but run without it, or nearly: what does not is among the expected
  /// failures.
  private static let inPart: [String: Feature] = [
    // Of all instructions of the proposal, only those that wait depend on whether the memory is shared.
    "proposals/threads/atomic/atomic.json": .threads,
    // The constant expressions of some modules are the core's by now.
    "core/data/data.json": .gc, "core/elem/elem.json": .gc, "core/global/global.json": .gc,
    // These define function types only, but for a module of each of the first two.
    "core/table_init/table_init.json": .gc, "core/table_init64/table_init64.json": .gc,
    "core/type-canon/type-canon.json": .gc, "core/type-equivalence/type-equivalence.json": .gc,
  ]

  /// What is known to fail: `FILE.json:LINE` of each command listed in `Tests/SpecSuiteTests/Expected`, in the file of
  /// a tier, or `validation`.
  public static func expectedFailures(_ name: String) -> Set<String> {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
      path: "../SpecSuiteTests/Expected/\(name.replacing(" ", with: "-")).txt")
    guard let text = try? String(contentsOf: url, encoding: .utf8) else {
      fatalError("\(url.path) cannot be read")
    }
    let lines = text.split(separator: "\n").map { $0.prefix { $0 != "#" } }
    return Set(lines.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty })
  }

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
    return manifest.files.filter { file in
      let missing = Set(file.features).subtracting(supportedNames)
      return missing.isEmpty || inPart[file.file].map { missing == [manifestName($0)] } ?? false
    }.map { file in
      let calls = [
        "assert_return", "assert_trap", "assert_exception", "assert_exhaustion", "action",
      ]
      return File(
        description: file.file,
        hasVectors: file.features.contains(manifestName(.simd)),
        callCount: calls.reduce(0) { $0 + (file.byType[$1] ?? 0) },
        hasSharedMemories: file.features.contains(manifestName(.threads)))
    }
  }

  /// The manifest's names of supported features.
  public static let supportedNames = Set(FeatureSet.valid.members.map(manifestName))

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
