import Foundation
import TestSupport
import Testing
import WasmText

/// An output that is an input of the same command, or another output: refused before anything is lost.
@Suite struct OverwriteTests {
  private func folder() throws -> TemporaryFolder {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.wasmprof", "sample.so")
    let manager = FileManager.default
    try folder.write([1, 2, 3], "in")
    try manager.createSymbolicLink(
      at: folder.url("link"), withDestinationURL: folder.url("sample.wasm"))
    try manager.linkItem(at: folder.url("sample.wasm"), to: folder.url("hard"))
    try manager.createSymbolicLink(atPath: folder.url("self").path, withDestinationPath: ".")
    return folder
  }

  static let lines = [
    ("compile sample.wasm -o sample.wasm", "-o", "the module"),
    ("compile sample.wasm -o ./sample.wasm", "-o", "the module"),
    ("compile sample.wasm -o self/sample.wasm", "-o", "the module"),
    ("compile sample.wasm -o link", "-o", "the module"),
    ("compile link -o sample.wasm", "-o", "the module"),
    ("compile sample.wasm -o hard", "-o", "the module"),
    ("compile sample.wasm -o sample.wasmprof", "-o", "the profile"),
    ("compile sample.wasm --profile sample.wasmprof -o self/sample.wasmprof", "-o", "the profile"),
    ("record sample.wasm -o sample.wasm", "-o", "the module"),
    ("record sample.wasm -o link", "-o", "the module"),
    ("record sample.wasm -o hard", "-o", "the module"),
    ("record sample.wasm --stdin in -o in", "-o", "standard input"),
    ("record sample.wasm --stdout out -o self/out", "-o", "standard output"),
    ("record sample.wasm --stdout sample.wasm", "--stdout", "the module"),
    ("run sample.wasm --stdout link", "--stdout", "the program"),
    ("run sample.so --stdout sample.so", "--stdout", "the program"),
    ("run sample.so --stderr self/sample.so", "--stderr", "the program"),
    ("run sample.so --stdin in --stdout in", "--stdout", "standard input"),
  ]

  @Test(arguments: lines) func outputsThatAreInputs(line: String, option: String, role: String)
    throws
  {
    let folder = try folder()
    let names = try folder.names
    let before = try names.filter { $0 != "self" }.map { try folder.bytes($0) }
    let outcome = try folder.command(line)
    #expect(outcome.status == 64, "\(outcome.errors)")
    #expect(outcome.output == "", "the guest ran for nothing")
    #expect(outcome.errors.hasPrefix("error: \(option) would overwrite "), "\(outcome.errors)")
    #expect(outcome.errors.contains(role), "\(outcome.errors)")
    #expect(try folder.names == names)
    #expect(try names.filter { $0 != "self" }.map { try folder.bytes($0) } == before)
  }

  /// A guest that cannot be instantiated counts nothing, so the last profile stays.
  @Test func profileOfAGuestThatCannotRun() throws {
    let folder = try folder()
    let before = try folder.bytes("sample.wasmprof")
    for options in ["--max-memory 1K", "--max-table-elements 0"] {
      let outcome = try folder.command("record sample.wasm \(options)")
      #expect(outcome.status == 65, "\(options): \(outcome.errors)")
      #expect(try folder.bytes("sample.wasmprof") == before, "\(options)")
    }
  }

  /// Files that the shell opened count, too.
  @Test func outputsThatAreTheShells() throws {
    let folder = try folder()
    for script in [
      "\"$pgo\" record sample.wasm -o in < in", "\"$pgo\" record sample.wasm -o out >> out",
      "\"$pgo\" run sample.so --stdout in < in",
    ] {
      let outcome = try folder.command.shell(script)
      #expect(outcome.status == 64, "\(script): \(outcome.errors)")
    }
    #expect(try folder.bytes("in") == [1, 2, 3])
  }

  /// Neither is a conflict: a file that both outputs go to, the same device everywhere, a profile that is not used.
  @Test func whatIsNoConflict() throws {
    let folder = try folder()
    for line in [
      "run sample.so --stdout both --stderr both",
      "run sample.so --stdin /dev/null --stdout /dev/null --stderr /dev/null",
      "compile sample.wasm -o sample.so", "record sample.wasm --stdout /dev/null -o again.wasmprof",
      "compile sample.wasm --profile off -o sample.wasmprof",
    ] {
      let outcome = try folder.command(line)
      #expect(outcome.status == 0, "\(line): \(outcome.errors)")
    }
  }

  /// A link that is named as output stays, and leads to the new file.
  @Test func linksStay() throws {
    let folder = try folder()
    let manager = FileManager.default
    try manager.createDirectory(at: folder.url("store"), withIntermediateDirectories: true)
    try folder.write([1], "store/old")
    for (link, target) in [("to-old", "store/old"), ("to-none", "store/none")] {
      try manager.createSymbolicLink(
        atPath: folder.url(link).path, withDestinationPath: target)
      #expect(try folder.command("compile sample.wasm -o \(link)").status == 0)
      #expect(try manager.destinationOfSymbolicLink(atPath: folder.url(link).path) == target)
      #expect(try folder.bytes(target) == folder.bytes("sample.so"))
    }
    #expect(try manager.contentsOfDirectory(atPath: folder.url("store").path).count == 2)
  }

  /// `/dev/stdout` is a link that root could replace: what it leads to is written.
  @Test func standardOutputAsFile() throws {
    let folder = try folder()
    let outcome = try folder.command.shell(
      """
      "$pgo" compile sample.wasm -o /dev/stdout > out.so && cmp out.so sample.so || exit 1
      "$pgo" compile sample.wasm -o /dev/stdout | cat > pipe.so && cmp pipe.so sample.so || exit 2
      test -L /dev/stdout || exit 3
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  /// As long as a name may be: what is written first has a name of its own.
  @Test func longestNames() throws {
    let folder = try folder()
    let name = String(repeating: "x", count: 255)
    for command in ["compile", "record"] {
      let outcome = try folder.command("\(command) sample.wasm -o \(name)")
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try folder.command("compile sample.wasm -o \(name)x").status == 73)
  }

  /// Somebody else's file of the name that is used on the way is neither written to nor removed.
  @Test func temporaryNamesAreNobodyElses() throws {
    let folder = try folder()
    let outcome = try folder.command.shell(
      """
      echo mine > mine
      for n in 0 1 2 3 4 5 6 7 8 9; do ln -s mine "x.so.$(($$ + n)).tmp"; done
      exec "$pgo" compile sample.wasm -o x.so
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try folder.bytes("mine") == Array("mine\n".utf8))
    #expect(try folder.bytes("x.so") == folder.bytes("sample.so"))
  }
}
