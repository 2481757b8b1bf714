import Feedback
import Files
import Wasm

/// Reads and validates a module.
public func loadModule(_ path: String) throws(Diagnostic) -> Module {
  let bytes: [UInt8]
  do throws(FileError) { bytes = try readFile(path) } catch { throw Diagnostic(reading: error) }
  return try validateModule(bytes, path)
}

public func validateModule(_ bytes: [UInt8], _ path: String) throws(Diagnostic) -> Module {
  do throws(WasmError) {
    return try Module(validating: bytes)
  } catch {
    var help: String?
    if case .unsupported(let feature) = error.kind {
      help = "build the module without \(feature.rawValue)"
    }
    throw Diagnostic(
      error.message, at: "\(path), byte \(error.offset)", help: help, status: .badInput)
  }
}

/// Reads a profile and matches it to a module.
public func loadProfile(_ path: String, for module: Module) throws(Diagnostic) -> ModuleProfile {
  let bytes: [UInt8]
  do throws(FileError) { bytes = try readFile(path) } catch {
    throw Diagnostic(
      reading: error, help: "record one: wasm-pgo record MODULE -o \(path), or use --profile off")
  }
  do throws(ProfileError) {
    return try ProfileFile(decoding: bytes).match(module)
  } catch {
    throw Diagnostic(
      error.message, at: "\(path), byte \(error.offset)", help: "record the profile again",
      status: .badInput)
  }
}
