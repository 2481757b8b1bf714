import ArgumentParser
import CommandLineSupport
import Files
import Glibc
import Runtime
import X64

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", _superCommandName: WasmPGO.name,
    abstract: "Say what this machine supports: processor, memory, compiler, linker, perf.",
    discussion: """
      Each line begins with ok, or with -- for what is missing and what that means. Ends with 0 either way.

      EXAMPLES:
        wasm-pgo doctor
        wasm-pgo doctor --json

      \(ExitStatus.table("0 success"))
      """)

  @Flag(help: "Print a JSON object.")
  var json = false

  func run() throws {
    let checks = Self.checks()
    if json {
      return try printOutput(
        JSON.object(
          checks.map { check in
            (
              check.name,
              .object([("ok", .bool(check.isMet)), ("found", .string(check.found))])
            )
          }
        ).document)
    }
    try printReport(
      checks.map { check in
        let blanks = String(repeating: " ", count: max(1, 19 - check.name.count))
        let rest = check.isMet ? check.found : "\(check.found): \(check.consequence)"
        return "\(check.isMet ? "ok" : "--")  \(check.name)\(blanks)\(rest)\n"
      }.joined())
  }

  /// Something that a machine has or lacks.
  struct Check {
    var name: String
    var isMet: Bool
    var found: String
    /// What does not work without it.
    var consequence: String
  }

  private static func checks() -> [Check] {
    [processor, compiler, linker, executableMemory, addressSpace, mappings, perf]
  }

  private static var processor: Check {
    let levels = CPUFeature.levels.filter { Set($0.value).isSubset(of: Processor.features) }.keys
    let best = levels.max { ($0.count, $0) < ($1.count, $1) }
    return Check(
      name: "processor", isMet: (best ?? "") >= "x86-64-v2", found: best ?? "less than x86-64",
      consequence: "code with vectors needs SSE4.2 (x86-64-v2)")
  }

  private static var compiler: Check {
    let path = executablePath()?.parent.appending("wasm-pgo-compile")
    let isThere = path.map(isExecutable) ?? false || find("wasm-pgo-compile") != nil
    return Check(
      name: "compiler", isMet: isThere, found: isThere ? "wasm-pgo-compile" : "no wasm-pgo-compile",
      consequence: "compile, and verify of a module, do not work")
  }

  private static var linker: Check {
    let path = find("ld")
    return Check(
      name: "linker", isMet: path != nil, found: path.map { "\($0)" } ?? "no ld on the PATH",
      consequence: "compile does not work; on Debian: apt-get install binutils")
  }

  private static var executableMemory: Check {
    let page = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    // The page is this function's own, and unmapped by it.
    let isAllowed = page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0
    if page != MAP_FAILED { munmap(page, 4096) }
    return Check(
      name: "executable memory", isMet: isAllowed, found: isAllowed ? "allowed" : "forbidden",
      consequence: "record, and run of a module, do not work; artefacts run")
  }

  private static var addressSpace: Check {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    let isUnlimited = limit.rlim_cur == rlim_t.max
    return Check(
      name: "address space", isMet: isUnlimited,
      found: isUnlimited ? "unlimited" : "\(limit.rlim_cur >> 20) MiB",
      consequence: "memories reserve 8 GiB or more each (ulimit -v)")
  }

  private static var mappings: Check {
    let count = number("/proc/sys/vm/max_map_count")
    return Check(
      name: "mappings", isMet: (count ?? 0) >= 65_530,
      found: count.map { "\($0) per process" } ?? "unknown",
      consequence: "a process may run fewer instances (vm.max_map_count)")
  }

  private static var perf: Check {
    let level = number("/proc/sys/kernel/perf_event_paranoid")
    return Check(
      name: "perf", isMet: (level ?? 4) <= 2,
      found: level.map { "level \($0)" } ?? "not in the kernel",
      consequence: "perf does not work for users (kernel.perf_event_paranoid)")
  }

  private static func number(_ path: HostString) -> Int? {
    guard let bytes = try? readFile(path, limit: 100) else { return nil }
    return Int(String(decoding: bytes.filter { $0 != 0x0A }, as: UTF8.self))
  }

  private static func isExecutable(_ path: HostString) -> Bool {
    path.withCString { access($0, X_OK) } == 0
  }

  /// As execvp finds it.
  private static func find(_ program: HostString) -> HostString? {
    let path = processEnvironment().first { $0.name == "PATH" }?.value.bytes ?? []
    return path.split(separator: UInt8(ascii: ":")).map {
      HostString(bytes: Array($0)).appending(program)
    }.first(where: isExecutable)
  }
}
