import Foundation
import TestSupport
import Testing
import WasmText

/// libwasmpgo as `make lib` makes it, of this build's objects, and programs that use it.
enum CLibrary {
  static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  private static let root = sources.deletingLastPathComponent().deletingLastPathComponent()

  private static let folder: Result<URL, any Error> = Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "wasm-pgo-c-\(getpid())")
    // The tests of a process share it.
    atexit { try? FileManager.default.removeItem(at: try CLibrary.folder.get()) }
    var command = Command(directory: root)
    command.patience = 300
    let archive = URL(fileURLWithPath: Command.Program.main.path).deletingLastPathComponent()
      .appending(path: "libwasmpgo.a")
    let outcome = try command.shell(
      "scripts/link-library.sh '\(archive.path)' '\(folder.path)'")
    // No expectation: that would fail in one of the tests alone, and the others would count as passed.
    guard outcome.status == 0 else { throw LinkFailure(errors: outcome.errors) }
    return folder
  }

  private struct LinkFailure: Error { var errors: String }

  /// Has `lib` and `include`.
  static var path: String { get throws { try folder.get().path } }

  /// How programs are compiled.
  enum Variant: String, CaseIterable, CustomTestStringConvertible {
    case shared
    case `static`
    /// With AddressSanitizer, which also finds leaks.
    case sanitized

    var testDescription: String { rawValue }
  }

  /// Compiles a program and links it with the library.
  /// - Parameter source: relative to the command's folder, or absolute; of C++ if it ends with `.cc`.
  static func compile(
    _ source: String, to program: String, _ variant: Variant = .shared, more: String = "",
    in command: Command
  ) throws {
    let isCXX = source.hasSuffix(".cc")
    let path = try path
    let compiler =
      isCXX ? "g++ -std=c++17 -Wall -Wno-unused-function" : "gcc -std=gnu11 -Wall -Wno-parentheses"
    let cxx = isCXX ? "\(path)/lib/libwasmpgo++.a" : ""
    let library =
      switch variant {
      case .shared, .sanitized: "-L\(path)/lib -Wl,-rpath,\(path)/lib -lwasmpgo"
      case .static: "\(path)/lib/libwasmpgo.a -lstdc++ -lm"
      }
    let sanitizer = variant == .sanitized ? "-fsanitize=address -fno-omit-frame-pointer" : ""
    let outcome = try command.shell(
      "\(compiler) -g \(sanitizer) -I\(path)/include -o \(program) \(source) \(more) \(cxx) "
        + "\(library) -lpthread")
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  /// A folder with the binaries of modules of `Programs`.
  static func command(modules: [String]) throws -> Command {
    let command = try TemporaryFolder().command
    for module in modules {
      let text = try String(
        contentsOf: sources.appending(path: "Programs/\(module).wat"), encoding: .utf8)
      try command.folder!.write(assemble(text), "\(module).wasm")
    }
    return command
  }
}
