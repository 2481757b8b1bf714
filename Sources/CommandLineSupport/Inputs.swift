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
    if let kind = FileKind(bytes), kind != .module { throw kind.isNot(.module, at: path) }
    var help: String?
    if case .unsupported(let feature) = error.kind {
      help = "build the module without \(feature.rawValue)"
    }
    throw Diagnostic(
      error.message, at: "\(path), byte \(error.offset)", help: help, status: .badInput)
  }
}

/// Reads a profile, finished or not.
public func readProfile(_ path: String) throws(Diagnostic) -> ProfileFile {
  let bytes: [UInt8]
  do throws(FileError) { bytes = try readFile(path) } catch {
    let help = "record one: wasm-pgo record MODULE.wasm -o \(path) -- ARGUMENTS"
    throw Diagnostic(reading: error, help: error.isMissingFile ? help : nil)
  }
  do throws(ProfileError) {
    return try ProfileFile(reading: bytes)
  } catch {
    if let kind = FileKind(bytes), kind != .profile { throw kind.isNot(.profile, at: path) }
    throw Diagnostic(
      error.message, at: path + (error.offset.map { ", byte \($0)" } ?? ""),
      help: "record the profile again", status: .badInput)
  }
}

/// Reads a profile and matches it to a module.
public func loadProfile(_ path: String, for module: Module) throws(Diagnostic) -> ModuleProfile {
  let file = try readProfile(path)
  var statistics = MatchStatistics()
  let profile = file.match(module, statistics: &statistics)
  if profile.functions.isEmpty && !file.functions.isEmpty {
    Terminal.warn("\(path): nothing in this profile is of this module; compiling without")
  }
  return profile
}
