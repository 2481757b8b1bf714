import CommandLineSupport
import Contract
import Files
import Runtime
import WASI
import Wasm

extension Diagnostic {
  /// What keeps a guest from starting, or from going on, and is its own: an import that nobody provides, something that is too large.
  /// - Returns: nil for errors that are none of that kind.
  init?(making path: HostString, _ error: any Error) {
    switch error {
    case let error as LinkError: self.init(linking: path, error.message)
    case let error as ArtefactError: self.init(error, at: path)
    case let error as WASIConfigurationError:
      self.init(error.message, at: "\(path)", status: .badInput)
    case let error as ResourceError:
      self.init(
        error.message, at: "\(path)", help: error.limit.flatMap(Self.help), status: .badInput)
    case let error as WasmError:
      // A function that was compiled when it was first called.
      self.init(error.message, at: "\(path), byte \(error.offset)", status: .badInput)
    default: return nil
    }
  }

  private static func help(_ limit: ResourceError.Limit) -> String? {
    switch limit {
    case .memoryPages: "raise the limit with --max-memory"
    case .tableElements: "raise the limit with --max-table-elements"
    case .instances: nil
    }
  }

  private init(linking path: HostString, _ message: String) {
    self.init(
      message, at: "\(path)",
      help: """
        wasm-pgo provides WASI preview 1; a host program can define more \
        (toolchain-docs/embedding.md)
        """, status: .badInput)
  }

  /// Checks that everything the guest imports exists, before anything is created for it.
  static func checkImports(of module: Module, at path: HostString) throws(Diagnostic) {
    guard let wanted = module.imports.first(where: { !WASI.provides($0, of: module) }) else {
      return
    }
    let functions = WASIVersion(rawValue: wanted.module).map { WASI.functions($0) } ?? []
    let isThere = functions.contains { $0.name == wanted.name }
    throw Diagnostic(
      linking: path,
      "\(isThere ? "incompatible import type" : "unknown import"): \(wanted.module).\(wanted.name)")
  }

  /// An option of the command line that cannot be granted to the guest.
  init(configuring error: WASIConfigurationError, command: String) {
    self.init(error.message, help: "wasm-pgo \(command) --help", status: .usage)
  }
}

extension WASIExit {
  /// What a process ends with: the code's low eight bits, as everywhere on Unix; but 255 where these alone would say success.
  var status: Int32 { code & 0xFF == 0 && code != 0 ? 255 : Int32(code & 0xFF) }
}
