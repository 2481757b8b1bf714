import ArgumentParser
import CommandLineSupport
import Files
import Glibc

/// `wasm-pgo compile …` is `wasm-pgo-compile …`, as git runs its subcommands: only the compiler links LLVM.
struct Compile: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile", _superCommandName: WasmPGO.name,
    abstract: "Compile a module to an ELF file, using its profile.")

  @Argument(parsing: .captureForPassthrough)
  var arguments: [HostString] = []

  func run() throws { throw Self.replaceProcess(arguments) }

  /// Becomes the compiler.
  /// - Returns: why that did not work.
  static func replaceProcess(_ arguments: [HostString]) -> Diagnostic {
    let argv = vector(arguments)
    defer { for string in argv { free(string) } }
    // Beside this program first, so that both are of one version.
    _ = ownProgram()?.withCString { execv($0, argv) }
    _ = program.withCString { execvp($0, argv) }
    return unavailable(errno)
  }

  /// Runs the compiler and waits for it. What it says goes to standard error.
  /// - Throws: its exit code, if that is not 0.
  static func spawn(_ arguments: [HostString]) throws {
    let argv = vector(arguments)
    defer { for string in argv { free(string) } }
    var child: pid_t = 0
    var code = ownProgram()?.withCString { posix_spawn(&child, $0, nil, nil, argv, environ) }
    if code != 0 {
      code = program.withCString { posix_spawnp(&child, $0, nil, nil, argv, environ) }
    }
    if let code, code != 0 { throw unavailable(code) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    guard status == 0 else {
      throw ExitCode(status & 0x7F == 0 ? status >> 8 & 0xFF : ExitStatus.internalError.rawValue)
    }
  }

  private static let program: HostString = "wasm-pgo-compile"

  private static func vector(_ arguments: [HostString]) -> [UnsafeMutablePointer<CChar>?] {
    ([program] + arguments).map { $0.withCString { strdup($0) } } + [nil]
  }

  private static func ownProgram() -> HostString? {
    executablePath().map { $0.parent.appending(program) }
  }

  private static func unavailable(_ code: Int32) -> Diagnostic {
    Diagnostic(
      "cannot run \(program): \(String(cString: strerror(code)))",
      help: "put \(program) in the same directory as wasm-pgo, or on the PATH",
      status: .internalError)
  }
}
