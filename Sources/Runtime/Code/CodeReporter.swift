import Baseline
import CRuntime
import Contract
import Files
import Glibc
import Synchronization
import Wasm

/// Tells profilers and debuggers what machine code made at run time is: names (as of `Contract.CodeNames`), lines, frames. Code of artefacts is not reported:
/// tools find it in the artefact's file.
///
/// For the whole process, and what is compiled once it is started.
public enum CodeReporter {
  /// What is told, and to whom.
  public enum Format: String, Sendable, CaseIterable {
    /// `jit-PID.dump` in the current directory: with code and lines, for `perf record -k mono` and `perf inject --jit`.
    case jitDump = "jitdump"
    /// gdb's JIT interface: with lines and frames.
    case debugger = "gdb"
  }

  private struct State: ~Copyable {
    var dump: CodeReportFile?
    var toDebugger = false
    var dumped: UInt64 = 0
    /// By address of the code. The memory of the files stays where it is.
    var announced: [UInt: (entry: UnsafeMutableRawPointer, file: UnsafeMutableRawBufferPointer)] =
      [:]
  }

  private static let state = Mutex(State())
  private static let isStarted = Atomic(false)

  /// Whether anything is to be reported.
  static var isActive: Bool { isStarted.load(ordering: .relaxed) }

  /// Starts to report.
  /// - Throws: if the file cannot be made.
  public static func start(_ format: Format) throws(ResourceError) {
    try state.withLock { state throws(ResourceError) in
      switch format {
      case .jitDump where state.dump == nil:
        let file = try CodeReportFile("jit-\(getpid()).dump")
        file.write(JITDump.header)
        try file.mark()
        state.dump = file
      case .debugger: state.toDebugger = true
      default: break
      }
    }
    isStarted.store(true, ordering: .relaxed)
  }

  static func report(_ code: CompiledFunction, at address: UInt, name: String) {
    state.withLock { state in
      let lines = code.lines.map {
        CodeDescription.Line(
          codeOffset: Int($0.codeOffset), file: 0, line: Int($0.byteOffset))
      }
      if let dump = state.dump {
        dump.write(
          JITDump.records(code.code, lines, at: address, name: name, number: state.dumped))
        state.dumped += 1
      }
      guard state.toDebugger else { return }
      let object = Self.object(code, lines, at: address, name: name)
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: object.count, alignment: 16)
      memory.copyBytes(from: object)
      // Freed only once it is removed again.
      if let entry = wpgo_debugger_add(memory.baseAddress, memory.count) {
        state.announced[address] = (entry, memory)
      } else {
        memory.deallocate()
      }
    }
  }

  /// The code at these addresses is gone.
  static func forget(_ addresses: some Sequence<UInt>) {
    state.withLock { state in
      for address in addresses {
        guard let (entry, memory) = state.announced.removeValue(forKey: address) else { continue }
        wpgo_debugger_remove(entry)
        memory.deallocate()
      }
    }
  }

  /// The module as a file in lines, which are byte offsets.
  static let fileName = "module.wasm"

  private static func object(
    _ code: CompiledFunction, _ lines: [CodeDescription.Line], at address: UInt, name: String
  ) -> [UInt8] {
    let range = 0..<code.code.count
    let description = CodeDescription(
      functions: [
        .init(
          name: name, code: range, frameExits: code.frameExits, line: lines.first?.line ?? 0,
          rows: lines)
      ], files: [fileName], address: UInt64(address))
    let sections =
      [description.unwindSection] + description.debugSections(producer: "wasm-pgo, baseline code")
    return ELFFile.encodeObject(
      [(".text", code.code)] + sections.map { ($0.name, $0.bytes) },
      functions: [.init(name: name, code: range)], textAddress: UInt64(address))
  }
}

/// A file that only this process writes. Failures to write are ignored: they cost a profile, and must not cost the program.
private final class CodeReportFile: Sendable {
  private let path: String
  private let descriptor: Int32

  /// Others may guess the name: what is there already is replaced only if it is this user's, and never followed.
  init(_ path: String) throws(ResourceError) {
    var descriptor: Int32 = -1
    for _ in 0..<2 where descriptor < 0 {
      descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
      if descriptor < 0, errno == EEXIST, unlink(path) != 0 { break }
    }
    guard descriptor >= 0 else {
      throw ResourceError(message: "cannot create \(path): \(String(cString: strerror(errno)))")
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Maps the file as code, by which `perf record` notes its name. It stays mapped.
  func mark() throws(ResourceError) {
    let page = mmap(nil, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, descriptor, 0)
    guard page != MAP_FAILED else {
      throw ResourceError(message: "\(path) cannot be mapped as code, which perf needs")
    }
  }
}

/// The format of `jit-PID.dump` (`tools/perf/Documentation/jitdump-specification.txt` of Linux), version 1.
private enum JITDump {
  static var header: [UInt8] {
    var writer = ArtefactWriter()
    writer.integer(UInt32(0x4A69_5444))
    writer.integer(UInt32(1))
    writer.integer(UInt32(40))
    writer.integer(UInt32(ELFFile.machine))
    writer.integer(UInt32(0))
    writer.integer(UInt32(getpid()))
    writer.integer(monotonicNanoseconds())
    writer.integer(UInt64(0))
    return writer.bytes
  }

  /// Lines, then code.
  static func records(
    _ code: [UInt8], _ lines: [CodeDescription.Line], at address: UInt, name: String,
    number: UInt64
  ) -> [UInt8] {
    var debug = ArtefactWriter()
    debug.integer(UInt64(address))
    debug.integer(UInt64(lines.count))
    for line in lines {
      debug.integer(UInt64(address) + UInt64(line.codeOffset))
      debug.integer(UInt32(line.line))
      debug.integer(UInt32(0))
      debug.raw(CodeReporter.fileName.utf8)
      debug.byte(0)
    }
    var load = ArtefactWriter()
    // Process and thread: all threads share the code.
    load.integer(UInt32(getpid()))
    load.integer(UInt32(getpid()))
    for value in [UInt64(address), UInt64(address), UInt64(code.count), number] {
      load.integer(value)
    }
    load.raw(name.utf8)
    load.byte(0)
    load.raw(code)
    return record(2, debug.bytes) + record(0, load.bytes)
  }

  private static func record(_ kind: UInt32, _ contents: [UInt8]) -> [UInt8] {
    var writer = ArtefactWriter()
    writer.integer(kind)
    writer.integer(UInt32(16 + contents.count))
    writer.integer(monotonicNanoseconds())
    writer.raw(contents)
    return writer.bytes
  }
}
