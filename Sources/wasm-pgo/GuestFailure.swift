import CommandLineSupport
import Runtime
import WASI
import Wasm

/// What keeps a guest from starting, or from going on, and is its own: an import, or something that is too large.
/// - Returns: nil for any other error.
func guestFailure(_ error: any Error, at path: String) -> Diagnostic? {
  switch error {
  case let error as LinkError:
    Diagnostic(
      error.message, at: path, help: "only WASI preview 1 can be imported", status: .badInput)
  case let error as ArtefactError: Diagnostic(error, at: path)
  case let error as WASIConfigurationError:
    Diagnostic(error.message, at: path, status: .badInput)
  case let error as ResourceError:
    Diagnostic(error.message, at: path, help: error.limit.map(help), status: .badInput)
  case let error as WasmError:
    // A function that was compiled when it was first called.
    Diagnostic(error.message, at: "\(path), byte \(error.offset)", status: .badInput)
  default: nil
  }
}

private func help(_ limit: ResourceError.Limit) -> String {
  switch limit {
  case .memoryPages: "--max-memory raises the limit"
  case .tableElements: "--max-table-elements raises the limit"
  }
}
