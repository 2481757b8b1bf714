import Feedback
import Runtime
import Wasm

/// What the tests of one file count, module by module, on the recording tier.
final class SpecRecord {
  private var files: [UInt64: ProfileFile] = [:]

  /// Runs the file.
  init(_ file: SpecSuite.File) throws {
    let runner = try SpecRunner(file, tier: .recording)
    try runner.run()
    for instance in runner.result.instances {
      guard let file = try instance.recordedProfile else { continue }
      let hash = instance.module.hash
      files[hash] = files[hash]?.merged(with: file) ?? file
    }
  }

  /// Empty for a module of which no function ran.
  func profile(of module: Module) -> ModuleProfile {
    files[module.hash]?.match(module) ?? ModuleProfile()
  }
}
