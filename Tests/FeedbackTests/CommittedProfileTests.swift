import Feedback
import Foundation
import Testing
import Wasm

/// The profiles in profiles/ belong to the modules that are committed beside them.
@Suite struct CommittedProfileTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static func files(_ folder: String, _ suffix: String) -> [String: URL] {
    let found = FileManager.default.enumerator(
      at: root.appending(path: folder), includingPropertiesForKeys: nil)
    let urls = (found?.allObjects ?? []).compactMap { $0 as? URL }
    // The kernels with vectors and those by hand have none.
    let rows = urls.filter {
      $0.pathExtension == suffix
        && !["simd", "references"].contains($0.deletingLastPathComponent().lastPathComponent)
    }
    return Dictionary(rows.map { ($0.deletingPathExtension().lastPathComponent, $0) }) { a, _ in a }
  }

  @Test func matchTheirModules() throws {
    let profiles = Self.files("profiles", "wasmprof")
    let kernels = Self.files("Benchmarks/kernels", "wasm")
    let modules = kernels.merging(Self.files("Samples", "wasm")) { a, _ in a }
    #expect(Set(profiles.keys) == Set(kernels.keys).union(["shapes"]))
    for (name, profile) in profiles {
      let module = try Module(
        validating: Array(Data(contentsOf: try #require(modules[name], "\(name)"))))
      var statistics = MatchStatistics()
      let file = try ProfileFile(reading: Array(Data(contentsOf: profile)))
      let matched = file.match(module, statistics: &statistics)
      #expect(statistics.isSameModule, "\(name)")
      #expect(statistics.lostSites == 0 && statistics.lost.functions == 0, "\(name)")
      #expect(matched.functions.values.contains { $0.entryCount > 0 }, "\(name)")
    }
  }
}
