import Files

/// The kind of a file, by its first bytes; for messages when a command expects another kind.
public enum FileKind: String, Sendable {
  case module = "a module"
  case text = "text"
  /// Probably an artefact; the first four bytes show only ELF.
  case elf = "an ELF file"
  case profile = "a profile"

  /// The kind of a file with these contents; nil if unknown.
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

  /// The error when a command expects another kind.
  /// - Parameter wanted: as in "a profile".
  public func isNot(_ wanted: FileKind, name: String? = nil, at path: HostString) -> Diagnostic {
    let help =
      switch (self, wanted) {
      case (.text, _): "convert it first: wat2wasm"
      case (.module, .profile): "record one: wasm-pgo record \(path)"
      case (.module, .elf): "compile it first: wasm-pgo compile \(path)"
      case (.elf, .module): "use artefacts with run, verify and inspect"
      case (.profile, _): "use profiles with compile --profile and profile show"
      default: "wasm-pgo --help"
      }
    return Diagnostic(
      "this is \(rawValue), not \(name ?? wanted.rawValue)", at: "\(path)", help: help,
      status: .badInput)
  }
}
