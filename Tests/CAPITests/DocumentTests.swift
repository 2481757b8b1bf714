import Foundation
import TestSupport
import Testing

/// The programs in `toolchain-docs/embedding.md`, compiled and run as it says.
@Suite struct DocumentTests {
  /// The listing that begins with `// NAME`.
  private static func program(_ name: String) throws -> String {
    let document = CLibrary.sources.appending(path: "../../toolchain-docs/embedding.md")
    let text = try String(contentsOf: document, encoding: .utf8)
    let listings = text.split(separator: "\n```").map { $0.drop { $0 != "\n" }.dropFirst() }
    return String(try #require(listings.first { $0.hasPrefix("// \(name)\n") })) + "\n"
  }

  private static func command(_ program: String, _ module: String) throws -> Command {
    let command = try CLibrary.command(modules: [module])
    try command.folder!.write(Array(Self.program(program).utf8), program)
    return command
  }

  private static func check(_ command: Command, _ line: String, _ output: String) throws {
    let outcome = try command.shell(line)
    #expect(outcome.status == 0 && outcome.output == output, "\(outcome)")
  }

  @Test func hostInC() throws {
    let command = try Self.command("host.c", "plugin")
    try Self.check(command, "$pgo compile plugin.wasm -o plugin.so", "")
    try CLibrary.compile("host.c", to: "host", in: command)
    try Self.check(command, "./host plugin.so", "43\n")
  }

  @Test func hostInCXX() throws {
    let command = try Self.command("host.cc", "plugin")
    try CLibrary.compile("host.cc", to: "host", in: command)
    try Self.check(command, "./host", "43\n")
  }

  @Test(arguments: ["", "-static-pie"])
  func linked(options: String) throws {
    let command = try Self.command("linked.c", "application")
    try Self.check(command, "$pgo compile application.wasm -o app.o --symbol app", "")
    try CLibrary.compile(
      "linked.c", to: "app", .static, more: "app.o \(options)", in: command)
    try Self.check(command, "mkdir empty && cd empty && ../app; test $? = 3", "hello\n")
  }
}
