// Names are those of the C headers.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import CWasmAPI
import Contract
import Files
import Glibc
import Runtime

/// The compiler as a process of its own, so that nothing that a host links has LLVM in it.
enum CompilerProcess {
  private static let name: HostString = "wasm-pgo-compile"

  /// Beside this process's executable, so that both are of one version, or on the PATH; nil if it is nowhere.
  static var path: HostString? {
    let beside = executablePath().map { $0.parent.appending(name) }
    let search = trustedVariable("PATH") ?? "/usr/bin:/bin"
    let onPath = search.bytes.split(separator: UInt8(ascii: ":")).map {
      HostString(bytes: $0).appending(name)
    }
    return ((beside.map { [$0] } ?? []) + onPath).first { path in
      path.withCString { access($0, X_OK) } == 0
    }
  }

  /// Compiles a module without a profile, for processors like this one.
  /// - Returns: the artefact.
  static func compile(_ module: [UInt8]) throws -> [UInt8] {
    guard let program = path else {
      throw Failure(
        WASM_PGO_SYSTEM,
        "cannot serialize: wasm-pgo-compile is neither beside this program nor on the PATH")
    }
    var template =
      temporaryDirectory().appending("wasmpgo.XXXXXX").bytes.map { CChar(bitPattern: $0) } + [0]
    guard mkdtemp(&template) != nil else {
      throw Failure(
        WASM_PGO_SYSTEM, "cannot make a temporary directory: \(String(cString: strerror(errno)))")
    }
    let folder = HostString(cString: template)
    let (input, output) = (folder.appending("module.wasm"), folder.appending("module.so"))
    let messages = folder.appending("messages")
    defer {
      for file in [input, output, messages] { removeFile(file) }
      _ = folder.withCString { rmdir($0) }
    }
    try writeFile(module, to: input)
    log(WASM_PGO_INFO, "running \(program)")
    let status = try run(
      program, [input, "-o", output, "--cpu", HostString(Processor.level)], messages)
    guard status == 0 else {
      let said = (try? readFile(messages)).map { String(decoding: $0, as: UTF8.self) } ?? ""
      throw Failure(WASM_PGO_SYSTEM, "cannot serialize: \(program) failed: \(said)")
    }
    return try readFile(output)
  }

  /// - Returns: as waitpid has it.
  private static func run(
    _ program: HostString, _ arguments: [HostString], _ messages: HostString
  ) throws(Failure) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    _ = messages.withCString {
      posix_spawn_file_actions_addopen(&actions, 2, $0, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    }
    posix_spawn_file_actions_adddup2(&actions, 2, 1)
    let argv = ([program] + arguments).map { $0.withCString { strdup($0) } } + [nil]
    defer { for string in argv { free(string) } }
    var child: pid_t = 0
    let code = program.withCString { posix_spawn(&child, $0, &actions, nil, argv, environ) }
    guard code == 0 else {
      throw Failure(WASM_PGO_SYSTEM, "cannot run \(program): \(String(cString: strerror(code)))")
    }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      // A host that ignores SIGCHLD has no status; the artefact is there or not.
      guard errno == EINTR else { return 0 }
    }
    return status
  }
}

extension SharedModule {
  /// An artefact of the module.
  fileprivate func serialized() throws -> [UInt8] {
    switch artefact {
    case nil: return try CompilerProcess.compile(compiled.module.bytes)
    case .bytes(let bytes): return bytes
    case .linked:
      throw Failure(WASM_PGO_USAGE, "cannot serialize what is linked into the program")
    case .file(let path):
      let bytes = try readFile(path)
      let now = try Artefact(bytes: bytes, isForReading: true).manifest
      guard now == compiled.manifest else {
        throw Failure(WASM_PGO_SYSTEM, "cannot serialize: \(path) is not what was loaded any more")
      }
      return bytes
    }
  }
}

/// See `wasm.h`. An empty vector, and the last error, if it cannot.
@c @implementation
public func wasm_module_serialize(
  _ module: OpaquePointer!, _ out: UnsafeMutablePointer<wasm_byte_vec_t>!
) {
  let shared = module.object(as: ModuleReference.self).shared
  out.pointee = wasm_byte_vec_t(attempt { try shared.serialized() } ?? [])
}
