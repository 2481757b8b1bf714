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

  /// The same, or how its code ended.
  init?(ending path: HostString, _ error: any Error) {
    switch error {
    case let trap as Trap: self.init("\(trap)", at: "\(path)", status: .trap)
    case let exception as Exception: self.init("\(exception)", at: "\(path)", status: .trap)
    default: self.init(making: path, error)
    }
  }

  private static func help(_ limit: ResourceError.Limit) -> String? {
    switch limit {
    case .memoryPages: "raise the limit with --max-memory"
    case .tableElements: "raise the limit with --max-table-elements"
    case .instances: nil
    }
  }

  /// An import that nobody provides, or not with that type.
  init(linking path: HostString, _ message: String, help: String? = nil) {
    self.init(
      message, at: "\(path)",
      help: help
        ?? """
        wasm-pgo provides WASI preview 1; --imports and --link provide more \
        (toolchain-docs/embedding.md)
        """, status: .badInput)
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
