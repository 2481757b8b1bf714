import Files
import Glibc

/// An error as the user sees it: what happened, where, and what to do next.
public struct Diagnostic: Error, Sendable, Equatable {
  /// What happened.
  public var what: String
  /// Where: a file, perhaps with a byte offset.
  public var place: String?
  /// What to do next.
  public var help: String?
  /// The exit code.
  public var status: ExitStatus

  /// An error with an exit code.
  public init(_ what: String, at place: String? = nil, help: String? = nil, status: ExitStatus) {
    self.what = what
    self.place = place
    self.help = help
    self.status = status
  }

  /// An input file that cannot be read.
  public init(reading error: FileError, help: String? = nil) {
    self.init(
      "cannot read the file: \(error.code)", at: "\(error.path)",
      help: error.isMissingFile ? Self.near(error.path) ?? help ?? "check the path" : help,
      status: .missingInput)
  }

  /// What a misspelled path may stand for.
  private static func near(_ path: HostString) -> String? {
    let parent = path.parent
    guard let directory = (parent.isEmpty ? "." : parent).withCString({ opendir($0) }) else {
      return nil
    }
    defer { closedir(directory) }
    var names: [String] = []
    // More would take noticeable time.
    while names.count < 10_000, let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        // d_name is a string of C that lives until the next call.
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { HostString(cString: $0) }
      }
      if name != "." && name != ".." { names.append("\(name)") }
    }
    return suggestion(for: "\(path.lastComponent)", among: names).map {
      "did you mean \(parent)\($0)?"
    }
  }

  /// An output file that cannot be created, or written completely.
  public init(writing error: FileError) {
    let isHalfWay = [.noSpace, .ioError, .fileTooLarge, .diskQuotaExceeded].contains(error.code)
    self.init(
      "cannot write the file: \(error.code)", at: "\(error.path)",
      help: "check the directory's permissions and the free space",
      status: isHalfWay ? .outputError : .cannotCreate)
  }

  /// The text for standard error, without colour.
  public var text: String { render(isColoured: false) }

  func render(isColoured: Bool) -> String {
    func label(_ name: String, _ colour: Int) -> String {
      isColoured ? "\u{1B}[1;\(colour)m\(name)\u{1B}[0m" : name
    }
    var lines = ["\(label("error:", 31)) \(visible(what))"]
    if let place { lines.append("\(label("  at:", 36)) \(visible(place))") }
    if let help { lines.append("\(label("help:", 32)) \(visible(help))") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Names of files and modules could contain terminal escapes.
  private func visible(_ text: String) -> String {
    text.isEmpty ? "''" : HostString.visible(text, keeping: ["\n", "\t"])
  }
}

/// Standard error.
public enum Terminal {
  /// Whether standard error is a terminal.
  public static var isTerminal: Bool { isatty(2) != 0 }

  /// Columns of the terminal; 80 if they are not known.
  static var width: Int {
    var size = winsize()
    return ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  /// https://no-color.org
  public static var hasColour: Bool {
    guard isTerminal, getenv("NO_COLOR") == nil else { return false }
    return getenv("TERM").map { String(cString: $0) != "dumb" } ?? false
  }

  /// Writes text as it is; what cannot be written is lost.
  public static func write(_ text: String) {
    var rest = ArraySlice(Array(text.utf8))
    while !rest.isEmpty {
      // The slice's storage is valid during the call, which reads no more than its count.
      let count = rest.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Writes an error, coloured on a terminal.
  public static func report(_ diagnostic: Diagnostic) {
    write(diagnostic.render(isColoured: hasColour))
  }

  /// Writes a line with `warning:` before it.
  public static func warn(_ text: String) {
    let label = hasColour ? "\u{1B}[1;33mwarning:\u{1B}[0m " : "warning: "
    write(label + HostString.visible(text, keeping: ["\n", "\t"]) + "\n")
  }
}

/// Writes text with names in it that come from files, and could drive the terminal, to standard output.
/// - Throws: as ``printOutput(_:)``.
public func printReport(_ text: String) throws {
  try printOutput(HostString.visible(text, keeping: ["\n", "\t"]))
}

/// Writes to standard output.
/// - Throws: `outputError` if nobody can take it, e.g. a full disk.
public func printOutput(_ text: String) throws {
  var rest = ArraySlice(Array(text.utf8))
  while !rest.isEmpty {
    // As above.
    let count = rest.withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else {
      throw Diagnostic(
        "cannot write to standard output: \(String(cString: strerror(errno)))",
        status: .outputError)
    }
    rest = rest.dropFirst(count)
  }
}
