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
      let module = instance.module
      guard let layout = instance.compiledModule.feedback, let counters = instance.counters else {
        continue
      }
      // The instance's own area, of the size that the layout says; the runner keeps both alive.
      let bytes = UnsafeRawBufferPointer(start: counters, count: layout.size)
      let file = try ProfileFile(module: module, layout: layout, counters: bytes)
      files[module.hash] = files[module.hash]?.merged(with: file) ?? file
    }
  }

  /// Empty for a module of which no function ran.
  func profile(of module: Module) -> ModuleProfile {
    files[module.hash]?.match(module) ?? ModuleProfile()
  }
}
