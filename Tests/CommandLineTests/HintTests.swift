import Feedback
import Foundation
import TestSupport
import Testing

/// `profile to-hints` and `from-hints`, and V8 as the reader of the hints.
@Suite struct HintTests {
  private func folder() throws -> TemporaryFolder {
    try Sample.shared.get().folder("sample.wasm", "sample.wasmprof")
  }

  /// A module with hints alone is speculated on as one with the profile that they were made of.
  @Test func hintsSpeculate() throws {
    let folder = try folder()
    let command = folder.command
    for line in [
      "profile to-hints sample.wasm sample.wasmprof -o hinted.wasm",
      "profile from-hints hinted.wasm -o hints",
      "compile hinted.wasm --profile hints -o hinted.so",
    ] {
      let outcome = try command(line)
      try #require(outcome.status == 0, "\(line): \(outcome.errors)")
    }
    let explained = try command("explain hinted.so --function apply").output
    #expect(
      explained.contains("f7 \"add\"  inlined") && explained.contains("any other is a deopt"),
      "\(explained)")
    #expect(
      try command("run hinted.so --invoke run -- 2000 1000").output
        == command("run sample.wasm --invoke run -- 2000 1000").output)
    let none = try command("profile from-hints sample.wasm -o none")
    #expect(none.status == 65 && none.errors.contains("the module has no hints"))
    #expect(
      try command("profile to-hints sample.wasm sample.wasmprof -o sample.wasm").status == 64)
  }

  private static let chromium = "/usr/bin/chromium-headless-shell"

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: chromium),
      "skipped: no chromium-headless-shell, whose V8 reads the hints"))
  func chromiumLoadsThem() throws {
    let folder = try folder()
    let command = folder.command
    try #require(
      try command("profile to-hints sample.wasm sample.wasmprof -o hinted.wasm").status == 0)
    func load(_ bytes: [UInt8]) throws -> String {
      let page = """
        <body><script>
        const bytes = Uint8Array.from(atob("\(Data(bytes).base64EncodedString())"), c => c.charCodeAt(0));
        const imports = {wasi_snapshot_preview1: new Proxy({}, {get: () => () => 0})};
        WebAssembly.instantiate(bytes, imports).then(({module, instance}) => {
          const names = ["compilation_priority", "branch_hint", "instr_freq", "call_targets"];
          const counts = names.map(n => WebAssembly.Module.customSections(module, "metadata.code." + n).length);
          let sum = 0n;
          for (let i = 0; i < 300; i++) sum = instance.exports.run(2000, 5000);
          document.body.textContent = "ok " + counts.join() + " " + sum;
        }, error => { document.body.textContent = "failed " + error; });
        </script>
        """
      try folder.write(Array(page.utf8), "page.html")
      let outcome = try command.shell(
        """
        \(Self.chromium) --no-sandbox --disable-gpu --user-data-dir=browser \\
          --js-flags=--experimental-wasm-compilation-hints --virtual-time-budget=20000 \\
          --dump-dom "file://$PWD/page.html"
        """)
      return outcome.output
    }
    let sum = try command("run sample.wasm --invoke run -- 2000 5000").output.dropLast()
    let hinted = try load(folder.bytes("hinted.wasm"))
    #expect(hinted.contains("ok 1,1,1,1 \(sum)<"), "\(hinted)")
    let plain = try load(folder.bytes("sample.wasm"))
    #expect(plain.contains("ok 0,0,0,0 \(sum)<"), "\(plain)")
  }
}
