import Feedback
import Files
import Wasm

/// Reads and validates a module.
public func loadModule(_ path: HostString) throws(Diagnostic) -> Module {
  try validateModule(readInput(path), path)
}

/// The whole of an input file, which may be a pipe. One gibibyte, as much as a module may have, is the limit where a file does
/// not tell its size.
public func readInput(_ path: HostString) throws(Diagnostic) -> [UInt8] {
  do throws(FileError) {
    return try readFile(path, limit: FileIdentity(path) == nil ? 1 << 30 : 1 << 32)
  } catch {
    throw Diagnostic(reading: error)
  }
}

/// Validates a module's bytes.
/// - Throws: a diagnostic with the byte offset.
public func validateModule(_ bytes: [UInt8], _ path: HostString) throws(Diagnostic) -> Module {
  do throws(WasmError) {
    return try Module(validating: bytes)
  } catch {
    if let kind = FileKind(bytes), kind != .module { throw kind.isNot(.module, at: path) }
    throw Diagnostic(
      error.message, at: "\(path), byte \(error.offset)", help: help(error), status: .badInput)
  }
}

private func help(_ error: WasmError) -> String? {
  switch error.kind {
  case .unsupported(.componentModel):
    "build a core module for WASI preview 1: target wasm32-wasip1 or wasm32-wasi"
  case .unsupported(let feature): "build the module without \(feature.rawValue)"
  case .malformed, .invalid, .limit: nil
  }
}

/// Reads a profile, finished or not.
public func readProfile(_ path: HostString) throws(Diagnostic) -> ProfileFile {
  let bytes: [UInt8]
  do throws(Diagnostic) { bytes = try readInput(path) } catch {
    var error = error
    if error.help != nil {
      error.help = "record one: wasm-pgo record MODULE.wasm -o \(path) -- ARGUMENTS"
    }
    throw error
  }
  do throws(ProfileError) {
    return try ProfileFile(reading: bytes)
  } catch {
    throw Diagnostic(error, in: bytes, at: path)
  }
}

extension Diagnostic {
  /// A profile that cannot be used.
  /// - Parameter bytes: of the file.
  public init(_ error: ProfileError, in bytes: [UInt8], at path: HostString) {
    if let kind = FileKind(bytes), kind != .profile {
      self = kind.isNot(.profile, at: path)
    } else {
      self.init(
        error.message, at: "\(path)" + (error.offset.map { ", byte \($0)" } ?? ""),
        help: "record the profile again", status: .badInput)
    }
  }
}
