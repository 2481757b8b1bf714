import ArgumentParser
import CommandLineSupport
import Files

/// Where a guest's imports come from, besides WASI; the same for all commands that run one.
struct ImportOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      What the guest imports besides WASI. LIBRARY: a shared object that defines functions, by the header wasm_pgo_imports.h. trap: \
      functions that nothing else defines trap when they are called. zero: they return zeros and null references. With either, missing \
      memories, tables, globals and tags are made anew. May be given several times. Write ./trap or ./zero for a file of that name.
      """, valueName: "trap|zero|library"))
  var imports: [HostString] = []

  @Option(
    help: ArgumentHelp(
      """
      Instantiates another module or artefact first, which may use WASI and what was linked before it; the guest may import its exports \
      from NAME. May be given several times.
      """, valueName: "name=file"))
  var link: [HostString] = []

  /// What is not a library.
  static let substitutes: [HostString] = ["trap", "zero"]

  func validate() throws {
    guard Set(imports.filter { Self.substitutes.contains($0) }).count < 2 else {
      throw ValidationError("--imports: trap and zero cannot be combined")
    }
    for link in link where Self.parseLink(link) == nil {
      throw ValidationError("--link: '\(link)' is not NAME=FILE")
    }
  }

  /// Splits `NAME=FILE`; nil if it is not that.
  static func parseLink(_ text: HostString) -> (name: String, path: HostString)? {
    guard let (name, path) = text.split(at: "="), let name = name.text, !path.isEmpty else {
      return nil
    }
    return (name, path)
  }
}
