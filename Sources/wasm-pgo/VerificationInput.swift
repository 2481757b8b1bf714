import CommandLineSupport
import Files
import Glibc

/// What a verified program gets.
struct VerificationInput: Equatable {
  /// Where in a corpus it comes from; nil: the command line.
  var name: HostString?
  var arguments: [HostString]
  var standardInput: [UInt8]

  /// The command line's own, then a corpus's: a folder of files for the standard input, in the order of their names, or a file
  /// with a line of arguments for each.
  static func all(
    arguments: [HostString], corpus: HostString?, standardInput: [UInt8]
  ) throws -> [VerificationInput] {
    let own = VerificationInput(arguments: arguments, standardInput: standardInput)
    guard let corpus else { return [own] }
    guard let names = names(in: corpus) else {
      let lines = try readInput(corpus)
        .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      return [own]
        + lines.enumerated().filter { !$0.element.isEmpty }.map { number, line in
          VerificationInput(
            name: corpus + HostString(":\(number + 1)"),
            arguments: line.split(separator: UInt8(ascii: " ")).map { HostString(bytes: $0) },
            standardInput: standardInput)
        }
    }
    return [own]
      + (try names.map { name in
        let path = corpus.appending(name)
        return VerificationInput(
          name: path, arguments: arguments, standardInput: try readInput(path))
      })
  }

  /// Of the regular files in a folder, in order; nil if it is none.
  private static func names(in folder: HostString) -> [HostString]? {
    guard let directory = folder.withCString({ opendir($0) }) else { return nil }
    defer { closedir(directory) }
    var names: [HostString] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { HostString(cString: $0) }
      }
      if FileIdentity(folder.appending(name)) != nil { names.append(name) }
    }
    return names.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }
}
