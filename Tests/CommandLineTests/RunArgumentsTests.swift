import ArgumentParser
import Files
import Foundation
import TestSupport
import Testing

@testable import wasm_pgo

/// `run` parses what is usual without the argument parser: with the same meaning, and all of its options.
@Suite struct RunArgumentsTests {
  /// What the parser itself says of the command.
  private struct Help: Decodable {
    struct Command: Decodable {
      var arguments: [Argument]
    }
    struct Argument: Decodable {
      struct Name: Decodable {
        var kind: String
        var name: String
      }
      var kind: String
      var isRepeating: Bool
      var names: [Name]?
    }
    var command: Command
  }

  private static func options() throws -> [Help.Argument] {
    let help = try JSONDecoder().decode(Help.self, from: Data(Run._dumpHelp().utf8))
    return help.command.arguments.filter { argument in
      argument.kind != "positional" && !(argument.names ?? []).contains { $0.name == "help" }
    }
  }

  @Test func knowsEveryOption() throws {
    let options = try Self.options()
    #expect(options.count == 27)
    for option in options {
      let name = try #require(option.names?.first)
      #expect(option.names?.count == 1 && name.kind == "long")
      let isRight =
        switch RunArguments.option("--\(name.name)") {
        case .flag?: option.kind == "flag" && !option.isRepeating
        case .value(let isList, _)?: option.kind == "option" && option.isRepeating == isList
        case .list?: option.kind == "option" && option.isRepeating
        case nil: false
        }
      #expect(isRight, "--\(name.name)")
    }
  }

  /// Equal commands have equal descriptions: every property is in there.
  private func expectSame(_ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation)
    throws -> Bool
  {
    guard let quick = RunArguments(arguments.map { HostString($0) }) else { return false }
    let parsed = try Run.parse(arguments.map { HostString($0).carried })
    #expect(
      "\(quick.command)" == "\(parsed)", "\(arguments)", sourceLocation: sourceLocation)
    return true
  }

  @Test(arguments: [
    "a.so", "a.so -- b --dir c", "a.so b c", "--dir . a.so", "--dir=. --dir b::c:ro a.so --env A=B",
    "--inherit-env a.so --allow-escapes", "--stats=text a.so", "--stats json a.so",
    "--timeout 5 a.so", "--max-memory=16M --stack-size 1M --max-table-elements 5 a.so",
    "--stdin i --stdout o --stderr e a.so", "--argv0 x a.so --invoke f -- 1 2", "-- a.so b",
    "--deopt-every 3 --deopt-once --deopt-limit 0 --osr-every 255 a.so - --deopt-random 1:0.5",
    "--deopt-at f:1 --deopt-at f:2:3 a.so",
    "--imports trap --imports l.so --link a=b.wasm a.so",
    "--code-names gdb --code-names=jitdump a.so",
  ])
  func isUsual(line: String) throws {
    #expect(try expectSame(line.split(separator: " ").map(String.init)))
  }

  /// Help, errors, and what is rare.
  @Test(arguments: [
    "", "--help", "-h", "a.so --help", "--dir", "--dir --env a.so", "--dir= a.so", "--unknown a.so",
    "-x a.so", "--stats a.so", "--stats=xml a.so", "--max-memory x a.so", "--stack-size 1 a.so",
    "--imports trap --imports zero a.so", "--link a a.so", "--timeout soon a.so",
    "--deopt-every 0 a.so", "--osr-every 256 a.so", "--deopt-limit -1 a.so",
    "--deopt-at f a.so", "--deopt-random 1:2 a.so", "--inherit-env=1 a.so", "--argv0 a --argv0 b c",
    "--invoke -x a.so", "--code-names elf a.so",
  ])
  func isLeftToTheParser(line: String) throws {
    let arguments = line.split(separator: " ").map { HostString(String($0)) }
    #expect(RunArguments(arguments).map { "\($0.command)" } == nil)
  }

  @Test func randomLinesMeanTheSame() throws {
    let words =
      try Self.options().flatMap { option in
        (option.names ?? []).flatMap { ["--\($0.name)", "--\($0.name)=7"] }
      } + ["a.so", "b", "1", "--", "-", "", "7", "1:0.5", "text", "é", "\u{10FF80}", "a=b"]
    var random = TestRandom(seed: 1)
    var usual = 0
    for _ in 0..<3000 {
      let arguments = (0..<Int.random(in: 1...5, using: &random)).map { _ in
        words.randomElement(using: &random) ?? ""
      }
      if try expectSame(arguments) { usual += 1 }
    }
    #expect(usual > 300)
  }
}
