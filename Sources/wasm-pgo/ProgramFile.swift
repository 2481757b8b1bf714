import CommandLineSupport
import Contract
import Files
import Forcing
import Glibc
import Runtime
import Wasm

/// The file that a command is about, an artefact or a module. What can be read only once, a pipe, is read when this is made.
struct ProgramFile {
  let path: HostString
  /// By its first bytes.
  let isModule: Bool
  /// Of what is no regular file.
  private let contents: [UInt8]?

  init(_ path: HostString) throws(Diagnostic) {
    self.path = path
    let file = aboveStandardStreams(path.withCString { open($0, O_RDONLY | O_CLOEXEC) })
    guard file >= 0 else {
      throw Diagnostic(reading: FileError(path: path, operation: "read", errno: errno))
    }
    defer { close(file) }
    var first = [UInt8](repeating: 0, count: 4)
    if FileIdentity(descriptor: file) != nil {
      contents = nil
      // Four bytes into four bytes.
      first = Array(first[..<max(0, pread(file, &first, 4, 0))])
    } else {
      let bytes: [UInt8]
      do throws(FileError) {
        // As much as a module may have.
        bytes = try readFile(descriptor: file, path: path, limit: 1 << 30)
      } catch {
        throw Diagnostic(reading: error)
      }
      contents = bytes
      first = Array(bytes.prefix(4))
    }
    isModule = first != [0x7F, UInt8(ascii: "E"), UInt8(ascii: "L"), UInt8(ascii: "F")]
  }

  /// What was made of the file.
  init(_ path: HostString, artefact: [UInt8]) {
    self.path = path
    isModule = false
    contents = artefact
  }

  /// All of it.
  func bytes() throws(Diagnostic) -> [UInt8] {
    if let contents { return contents }
    return try readInput(path)
  }

  func module() throws(Diagnostic) -> Module { try validateModule(bytes(), path) }

  /// Loads and checks an artefact.
  func artefact(forcing: GuardForcing? = nil) throws(Diagnostic) -> Artefact {
    do throws(ArtefactError) { return try load(forcing) } catch { throw diagnose(error) }
  }

  /// The same, also if it is for another processor: not to be run.
  func artefactForReading() throws(Diagnostic) -> Artefact {
    let bytes = try bytes()
    do throws(ArtefactError) {
      return try Artefact(bytes: bytes, isForReading: true)
    } catch {
      throw diagnose(error)
    }
  }

  /// As ``artefact(forcing:)``, with the runtime's own errors.
  func load(_ forcing: GuardForcing?) throws(ArtefactError) -> Artefact {
    if let contents { return try Artefact(bytes: contents, forcing: forcing) }
    return try Artefact(path: path, forcing: forcing)
  }

  private func diagnose(_ error: ArtefactError) -> Diagnostic {
    switch error.kind {
    case .system:
      // The runtime's own message begins with the path, too.
      let prefix = "\(path): "
      let reason = error.message.hasPrefix(prefix) ? error.message.dropFirst(prefix.count) : nil
      return Diagnostic(
        "cannot read the file: \(reason ?? error.message[...])", at: "\(path)",
        status: .missingInput)
    case .incompatible:
      return Diagnostic(
        "\(error)", at: "\(path)", help: "compile the module again, on or for this machine",
        status: .incompatible)
    case .corrupt:
      if let kind = (try? bytes()).flatMap(FileKind.init), kind != .elf {
        return kind.isNot(.elf, name: "an artefact", at: path)
      }
      return Diagnostic(
        "\(error)", at: "\(path)", help: "compile the module again", status: .badInput)
    }
  }
}
