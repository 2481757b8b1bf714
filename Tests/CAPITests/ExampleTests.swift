import Foundation
import TestSupport
import Testing
import WasmText

/// The examples of WebAssembly/wasm-c-api, in C and C++, unchanged: `WASM_C_API=FOLDER` says where a copy of that repository is.
@Suite(
  .enabled(
    if: exampleFolder != nil, "WASM_C_API does not say where a copy of WebAssembly/wasm-c-api is"))
struct ExampleTests {
  private static let kinds = [
    "callback", "finalize", "global", "hello", "hostref", "memory", "multi", "reflect",
    "serialize", "start", "table", "threads", "trap",
  ]

  /// What runs a program.
  enum Checker: CaseIterable {
    case none
    case addressSanitizer
    /// Memory errors, and what is definitely lost.
    case valgrind

    static var available: [Checker] {
      let isThere = FileManager.default.isExecutableFile(atPath: "/usr/bin/valgrind")
      if !isThere { print("SKIPPED: examples under valgrind, which is not installed") }
      return allCases.filter { $0 != .valgrind || isThere }
    }

    var prefix: String {
      guard self == .valgrind else { return "" }
      let suppressions = CLibrary.sources.appending(path: "wasmpgo.supp").path
      return "valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite "
        + "--errors-for-leak-kinds=definite --suppressions=\(suppressions)"
    }
  }

  @Test func allKindsAreKnown() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: "\(exampleFolder!)/example")
    for suffix in [".c", ".cc"] {
      let names = files.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
      #expect(names.sorted() == Self.kinds)
    }
  }

  @Test(arguments: kinds, Checker.available)
  func example(kind: String, checker: Checker) throws {
    for suffix in [".c", ".cc"] {
      var command = try Self.command(kind)
      command.patience = 600
      try CLibrary.compile(
        "\(exampleFolder!)/example/\(kind)\(suffix)", to: "example",
        checker == .addressSanitizer ? .sanitized : .shared, in: command)
      // `serialize` needs the compiler.
      let own = URL(fileURLWithPath: Command.Program.compiler.path).deletingLastPathComponent()
      command.environment["PATH"] = "\(own.path):/usr/bin:/bin"
      let outcome = try command.shell("\(checker.prefix) ./example")
      #expect(outcome.status == 0, "\(kind)\(suffix): \(outcome.output)\(outcome.errors)")
      // Each says so; those of threads end with the last thread.
      #expect(outcome.output.contains(kind == "threads" ? "Waiting for thread" : "Done."))
    }
  }

  /// A folder with the example's module.
  private static func command(_ kind: String) throws -> Command {
    let folder = try TemporaryFolder()
    let source = URL(fileURLWithPath: "\(exampleFolder!)/example")
    if kind == "hostref" {
      // The binary there has ref.null without a type, as a draft of the specification had it: its text is assembled anew.
      let text = try String(
        contentsOf: source.appending(path: "hostref.wat"), encoding: .utf8)
      try folder.write(
        assemble(text.replacing("(ref.null)", with: "(ref.null extern)")), "hostref.wasm")
    } else {
      try FileManager.default.copyItem(
        at: source.appending(path: "\(kind).wasm"), to: folder.url("\(kind).wasm"))
    }
    return folder.command
  }
}

private let exampleFolder = ProcessInfo.processInfo.environment["WASM_C_API"]
