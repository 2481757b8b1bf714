import Files

/// What a file is, by its first bytes: for messages when it is not what a command takes.
public enum FileKind: String, Sendable {
  case module = "a module"
  case text = "text"
  /// An artefact, as far as four bytes tell.
  case elf = "an ELF file"
  case profile = "a profile"

  public init?(_ bytes: [UInt8]) {
    func begins(_ text: String) -> Bool { bytes.starts(with: text.utf8) }
    if begins("\0asm") {
      self = .module
    } else if begins("\u{7F}ELF") {
      self = .elf
    } else if begins("PGOPROF1") || begins("WPGOCNT1") {
      self = .profile
    } else if begins("(") || begins(";;") {
      self = .text
    } else {
      return nil
    }
  }

  /// The error when something else is wanted.
  /// - Parameter wanted: as in "a profile".
  public func isNot(_ wanted: FileKind, name: String? = nil, at path: HostString) -> Diagnostic {
    let help =
      switch (self, wanted) {
      case (.text, _): "translate it first: wat2wasm"
      case (.module, .profile): "record one: wasm-pgo record \(path)"
      case (.module, .elf): "compile it first: wasm-pgo compile \(path)"
      case (.elf, .module): "artefacts are what run, verify and inspect take"
      case (.profile, _): "profiles are what compile takes behind --profile, and profile show"
      default: "wasm-pgo --help"
      }
    return Diagnostic(
      "this is \(rawValue), not \(name ?? wanted.rawValue)", at: "\(path)", help: help,
      status: .badInput)
  }
}
