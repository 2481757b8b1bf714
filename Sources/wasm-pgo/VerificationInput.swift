import CommandLineSupport
import Files
import Glibc

/// What a verified program gets.
struct VerificationInput: Equatable {
  /// Where in a corpus it comes from; nil: the command line.
  var name: String?
  var arguments: [String]
  var standardInput: [UInt8]

  /// The command line's own, then a corpus's: a folder of files for the standard input, in the order of their names, or a file
  /// with a line of arguments for each.
  static func all(
    arguments: [String], corpus: String?, standardInput: [UInt8]
  ) throws -> [VerificationInput] {
    let own = VerificationInput(arguments: arguments, standardInput: standardInput)
    guard let corpus else { return [own] }
    guard let names = names(in: corpus) else {
      let lines = String(decoding: try read(corpus), as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false)
      return [own]
        + lines.enumerated().filter { !$0.element.isEmpty }.map { number, line in
          VerificationInput(
            name: "\(corpus):\(number + 1)", arguments: line.split(separator: " ").map(String.init),
            standardInput: standardInput)
        }
    }
    return [own]
      + (try names.map { name in
        let path = "\(corpus)/\(name)"
        return VerificationInput(
          name: path, arguments: arguments, standardInput: try read(path))
      })
  }

  private static func read(_ path: String) throws(Diagnostic) -> [UInt8] {
    do throws(FileError) { return try readFile(path) } catch { throw Diagnostic(reading: error) }
  }

  /// Of the regular files in a folder, in order; nil if it is none.
  private static func names(in folder: String) -> [String]? {
    guard let directory = opendir(folder) else { return nil }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      var status = stat()
      guard stat("\(folder)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        continue
      }
      names.append(name)
    }
    return names.sorted()
  }
}
