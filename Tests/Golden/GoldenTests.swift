import AOT
import Foundation
import Testing

/// Every stage of compilation that can be printed, as a file that a person reads: `Cases`, format in ``GoldenCase``.
///
/// With `UPDATE_GOLDEN=1` in the environment, files that differ are rewritten, and the tests fail: look at the difference.
@Suite struct GoldenTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "Cases")

  private static let names: [String] = {
    let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
    return (paths ?? []).filter { $0.hasSuffix(".wat") }.sorted()
  }()

  @Test(arguments: names) func printsWhatItSays(name: String) throws {
    let file = Self.folder.appending(path: name)
    let golden = try GoldenCase(file, name: name)
    let contents = golden.contents(expecting: try golden.output())
    guard contents != (try String(contentsOf: file, encoding: .utf8)) else { return }
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      try contents.write(to: file, atomically: true, encoding: .utf8)
      Issue.record("\(name): rewritten")
    } else {
      Issue.record("\(name) now gives\n\(contents)")
    }
  }

  /// Each stage has files of its own, in a folder with its name.
  @Test(arguments: DumpOptions.Stage.allCases) func isThere(stage: DumpOptions.Stage) {
    #expect(Self.names.contains { $0.hasPrefix("\(stage.rawValue)/") })
  }

  @Test func areEnough() {
    #expect(Self.names.count >= 60)
  }
}
