import Foundation
import TestSupport
import Testing

/// Programs of C and C++ that use each part of the headers, as a host does. They check what they get, and say what is wrong.
@Suite struct ProgramTests {
  struct Program: CustomTestStringConvertible, Sendable {
    let source: String
    var modules: [String] = []
    var testDescription: String { source }
  }

  static let programs = [
    Program(source: "types.c"),
    Program(source: "calls.c", modules: ["calls"]),
    Program(source: "limits.c", modules: ["loop"]),
    Program(source: "wasi.c", modules: ["wasi"]),
    Program(source: "plugin.cc", modules: ["calls"]),
  ]

  @Test(arguments: programs, CLibrary.Variant.allCases)
  func program(_ program: Program, _ variant: CLibrary.Variant) throws {
    let command = try CLibrary.command(modules: program.modules)
    try Self.compile(program.source, variant, in: command)
    let outcome = try command.shell("./program")
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  /// The last argument says whether the program finds a compiler.
  @Test(arguments: CLibrary.Variant.allCases, ["compiler", "none"])
  func artefacts(variant: CLibrary.Variant, compiler: String) throws {
    var command = try CLibrary.command(modules: ["artefact"])
    let made = try command.shell(
      """
      set -e
      $pgo record artefact.wasm --invoke run 0 100000
      $pgo compile artefact.wasm -o artefact.so
      $pgo compile artefact.wasm -o artefact.o --symbol artefact
      """)
    try #require(made.status == 0, "\(made.errors)")
    try Self.compile("artefact.c", variant, more: "artefact.o", in: command)
    // Only the compiler's own folder; it needs the linker.
    let folder = Command.Program.compiler.path.split(separator: "/").dropLast()
    command.environment["PATH"] =
      compiler == "none" ? "/usr/bin:/bin" : "/\(folder.joined(separator: "/")):/usr/bin:/bin"
    let outcome = try command.shell("./program \(compiler)")
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  /// A program with more rights than who started it runs no compiler that its environment chose.
  @Test func compilerOfAPrivilegedProgram() throws {
    guard getuid() == 0 else {
      return print("SKIPPED: a program with more rights than who starts it: only root can make one")
    }
    var command = try CLibrary.command(modules: [])
    try Self.compile("compiler.c", .static, in: command)
    command.environment["PATH"] = "/usr/bin:/bin"
    try command.folder!.write(Array("#!/bin/sh\n".utf8), "wasm-pgo-compile")
    let outcome = try command.shell(
      """
      mkdir other && mv wasm-pgo-compile other && chmod 755 other/wasm-pgo-compile
      chmod 755 . && export PATH="$PWD/other:$PATH"
      ./program && cp program privileged && chown 65534 privileged && chmod 4755 privileged
      ./privileged
      """)
    #expect(outcome.status == 0 && outcome.output == "1\n0\n", "\(outcome)")
  }

  private static func compile(
    _ source: String, _ variant: CLibrary.Variant, more: String = "", in command: Command
  ) throws {
    let path = CLibrary.sources.appending(path: "Programs/\(source)").path
    try CLibrary.compile(path, to: "program", variant, more: more, in: command)
  }
}
