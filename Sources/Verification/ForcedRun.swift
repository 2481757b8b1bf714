import CProcess
import Contract
import Files
import Forcing
import Glibc
import Runtime
import Wasm

/// The outcome of one run of an artefact with forced guards.
public struct ForcedRun: Sendable {
  /// Differences from the reference.
  public var differences: [String] = []
  /// By test: times executed, times chosen to fail.
  public var executed: [UInt64] = []
  /// By test: times chosen to fail.
  public var forced: [UInt64] = []
  /// By deopt point.
  public var deopts: [UInt64] = []
  /// The last deopt that was forced.
  public var lastDeopt: ForcedGuards.Deopt?

  /// Tests chosen to fail.
  public var forcedCount: UInt64 { forced.reduce(0, +) }
  /// Whether it did what the reference did.
  public var isEqual: Bool { differences.isEmpty }

  init() {}

  package init(_ differences: [String], _ guards: ForcedGuards?) {
    self.differences = differences
    guard let guards else { return }
    executed = guards.testCounts.map(\.executed)
    forced = guards.testCounts.map(\.forced)
    deopts = guards.deoptCounts
    lastDeopt = guards.lastDeopt
  }

  // MARK: In a process of its own

  /// Runs `body` in a child process, so that a crash or an endless loop is a finding like any other.
  /// - Parameters:
  ///   - seconds: of processor time, after which the child is killed.
  ///   - body: gets a function that reports interim results; if the child crashes, the last report counts.
  package static func inChild(
    seconds: UInt32, _ body: (@escaping (ForcedRun) -> Void) -> ForcedRun
  ) -> ForcedRun {
    var pipe: [Int32] = [0, 0]
    // Two descriptors into an array of two.
    guard Glibc.pipe(&pipe) == 0 else { return ForcedRun(["no pipe: error \(errno)"], nil) }
    pipe = pipe.map(aboveStandardStreams)
    let process = wpgo_fork()
    if process == 0 {
      close(pipe[0])
      wpgo_limit_time(seconds)
      write(body { write($0.encode(), to: pipe[1]) }.encode(), to: pipe[1])
      wpgo_exit_child(0)
    }
    close(pipe[1])
    defer { close(pipe[0]) }
    guard process > 0 else { return ForcedRun(["no process: error \(errno)"], nil) }
    var run = read(from: pipe[0]).withUnsafeBytes { decodeLast($0) } ?? ForcedRun()
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    switch status & 0x7F {
    case 0 where status >> 8 & 0xFF == 0: break
    case 0: run.differences = ["ended with status \(status >> 8 & 0xFF)"]
    case _ where wpgo_met_limit(status) != 0:
      run.differences = ["did not end within \(seconds) seconds"]
    case let signal: run.differences = ["crashed: \(String(cString: strsignal(signal)))"]
    }
    return run
  }

  private static func write(_ bytes: [UInt8], to file: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      // The slice's storage is valid during the call, which reads no more than its count.
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  private static func read(from file: Int32) -> [UInt8] {
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return result }
      result += buffer[..<count]
    }
  }

  private func encode() -> [UInt8] {
    var writer = ArtefactWriter()
    writer.integer(UInt32(differences.count))
    for text in differences { writer.string(text) }
    let values = (lastDeopt?.values ?? []).flatMap { [$0.low, $0.high] }
    for row in [executed, forced, deopts, values] {
      writer.integer(UInt32(row.count))
      for value in row { writer.integer(value) }
    }
    writer.integer(Int64(lastDeopt?.point ?? -1))
    return writer.bytes
  }

  /// The last report that is complete.
  private static func decodeLast(_ bytes: UnsafeRawBufferPointer) -> ForcedRun? {
    var reader = ArtefactReader(bytes)
    var result: ForcedRun?
    while reader.remaining > 0, let next = decode(&reader) { result = next }
    return result
  }

  private static func decode(_ reader: inout ArtefactReader) -> ForcedRun? {
    var run = ForcedRun()
    do throws(ArtefactError) {
      for _ in 0..<(try reader.count(minimumSize: 4)) {
        run.differences.append(try reader.string())
      }
      var rows: [[UInt64]] = []
      for _ in 0..<4 {
        var row: [UInt64] = []
        for _ in 0..<(try reader.count(minimumSize: 8)) { row.append(try reader.integer()) }
        rows.append(row)
      }
      (run.executed, run.forced, run.deopts) = (rows[0], rows[1], rows[2])
      let point = Int(try reader.integer(Int64.self))
      let values = stride(from: 0, to: rows[3].count - 1, by: 2).map {
        V128(low: rows[3][$0], high: rows[3][$0 + 1])
      }
      if point >= 0 { run.lastDeopt = .init(point: point, values: values) }
      return run
    } catch {
      return nil
    }
  }
}
