import CWASI
import Glibc
import TestSupport
import Testing

@testable import WASI

@Suite(.serialized) struct StreamTests {
  @Test(arguments: Engine.allCases)
  func inMemory(engine: Engine) throws {
    var configuration = WASIConfiguration()
    let output = WASIBuffer()
    let errors = WASIBuffer(limit: 5)
    configuration.standardInput = .bytes(Array("hello".utf8))
    configuration.standardOutput = .buffer(output)
    configuration.standardError = .buffer(errors)
    let guest = try Guest(configuration, on: engine)
    #expect(try guest.read(0, 3) == "hel")
    #expect(try guest.read(0) == "lo")
    #expect(try guest.read(0) == "")
    #expect(try guest.write(1, "one ") == .success)
    #expect(try guest.write(1, "two\u{1b}[0m") == .success)
    #expect(output.text == "one two\u{1b}[0m")
    #expect(try guest.write(2, "1234567") == .success)
    #expect(guest.load(Guest.out, UInt32.self) == 5)
    #expect(try guest.write(2, "x") == .nospc)
    #expect(errors.text == "12345")
    // Wrong way round, and what streams cannot do.
    #expect(try guest.write(0, "x") == .badf)
    guest.vector(1024, 1)
    #expect(try guest("fd_read", 1, n(Guest.vectors), 1, n(Guest.out)) == .badf)
    #expect(try guest("fd_seek", 1, 0, 0, n(Guest.out)) == .spipe)
    #expect(try guest("fd_tell", 0, n(Guest.out)) == .spipe)
    #expect(try guest("fd_pread", 0, n(Guest.vectors), 1, 0, n(Guest.out)) == .spipe)
    #expect(try guest("fd_pwrite", 1, n(Guest.vectors), 1, 0, n(Guest.out)) == .spipe)
    #expect(try guest("fd_sync", 1) == .badf)
    #expect(try guest("fd_readdir", 1, 0, 100, 0, n(Guest.out)) == .badf)
    #expect(try guest("fd_filestat_get", 1, n(Guest.out)) == .success)
    #expect(try guest("sock_shutdown", 1, 1) == .notsock)
    #expect(try guest("path_create_directory", 1, "x") == .badf)
    #expect(try guest("fd_prestat_get", 1, n(Guest.out)) == .badf)
    #expect(try guest("fd_prestat_get", 3, n(Guest.out)) == .badf)
    #expect(try guest("fd_close", 1) == .success)
    #expect(try guest.write(1, "x") == .badf)
    #expect(try guest("fd_close", 1) == .badf)
  }

  @Test(arguments: Engine.allCases)
  func scatterAndGather(engine: Engine) throws {
    var configuration = WASIConfiguration()
    let output = WASIBuffer()
    configuration.standardInput = .bytes(Array("abcdefgh".utf8))
    configuration.standardOutput = .buffer(output)
    let guest = try Guest(configuration, on: engine)
    for (index, (address, count)) in [(1000, 2), (2000, 0), (3000, 5)].enumerated() {
      guest.store(UInt32(address), Guest.vectors + 8 * UInt32(index))
      guest.store(UInt32(count), Guest.vectors + 8 * UInt32(index) + 4)
    }
    #expect(try guest("fd_read", 0, n(Guest.vectors), 3, n(Guest.out)) == .success)
    #expect(guest.load(Guest.out, UInt32.self) == 7)
    #expect(guest.text(1000, 2) == "ab")
    #expect(guest.text(3000, 5) == "cdefg")
    #expect(try guest("fd_write", 1, n(Guest.vectors), 3, n(Guest.out)) == .success)
    #expect(output.text == "abcdefg")
    #expect(try guest("fd_write", 1, n(Guest.vectors), 0, n(Guest.out)) == .success)
    #expect(guest.load(Guest.out, UInt32.self) == 0)
  }

  @Test(arguments: Engine.allCases)
  func badPointersDoNothing(engine: Engine) throws {
    var configuration = WASIConfiguration()
    let output = WASIBuffer()
    configuration.standardInput = .bytes(Array("abc".utf8))
    configuration.standardOutput = .buffer(output)
    let guest = try Guest(configuration, on: engine)
    guest.vector(1024, 3)
    // The second of two vectors is outside.
    guest.store(guest.size - 1, Guest.vectors + 8)
    guest.store(UInt32(2), Guest.vectors + 12)
    for name in ["fd_read", "fd_write"] {
      let fd: Argument = name == "fd_read" ? 0 : 1
      #expect(try guest(name, fd, n(Guest.vectors), 2, n(Guest.out)) == .fault)
      #expect(try guest(name, fd, n(Guest.vectors), 1, n(guest.size - 3)) == .fault)
      #expect(try guest(name, fd, n(guest.size - 7), 1, n(Guest.out)) == .fault)
      #expect(try guest(name, fd, n(Guest.vectors), 0xFFFF_FFFF, n(Guest.out)) == .fault)
    }
    #expect(output.bytes.isEmpty)
    #expect(try guest.read(0) == "abc")
  }

  /// More vectors than the host takes, and more bytes than fit a result.
  @Test(arguments: Engine.allCases)
  func hugeTransfers(engine: Engine) throws {
    let guest = try Guest(on: engine)
    for index in 0..<2000 as Range<UInt32> {
      guest.store(UInt32(0), 32_768 + 8 * index)
      guest.store(UInt32(60_000), 32_768 + 8 * index + 4)
    }
    #expect(try guest("fd_write", 1, 32_768, 2000, n(Guest.out)) == .success)
    #expect(guest.load(Guest.out, UInt32.self) == 1024 * 60_000)
  }

  @Test(arguments: Engine.allCases)
  func redirected(engine: Engine) throws {
    var pipes: [Int32] = [0, 0]
    #expect(pipe(&pipes) == 0)
    defer { for fd in pipes { close(fd) } }
    var configuration = WASIConfiguration()
    configuration.standardInput = .descriptor(pipes[0])
    configuration.standardOutput = .descriptor(pipes[1])
    let guest = try Guest(configuration, on: engine)
    #expect(try guest.write(1, "ping") == .success)
    #expect(try guest.read(0) == "ping")
    // Closing in the guest leaves the host's descriptor open.
    #expect(try guest("fd_close", 1) == .success)
    #expect(Glibc.write(pipes[1], "x", 1) == 1)
    #expect(try guest.read(0) == "x")
    #expect(try guest("fd_fdstat_get", 0, n(Guest.out)) == .success)
    #expect(guest.load(Guest.out, UInt8.self) == 0)
    #expect(try guest("fd_fdstat_set_flags", 0, 4) == .success)
    guest.vector(1024, 10)
    #expect(try guest("fd_read", 0, n(Guest.vectors), 1, n(Guest.out)) == .again)
    #expect(fcntl(pipes[0], F_GETFL) & O_NONBLOCK == 0)  // the host's mode is not the guest's
  }

  @Test(arguments: Engine.allCases)
  func brokenPipeIsAnErrnoAndNoSignal(engine: Engine) throws {
    var pipes: [Int32] = [0, 0]
    #expect(pipe(&pipes) == 0)
    close(pipes[0])
    defer { close(pipes[1]) }
    var configuration = WASIConfiguration()
    configuration.standardOutput = .descriptor(pipes[1])
    let guest = try Guest(configuration, on: engine)
    #expect(try guest.write(1, "x") == .pipe)
    #expect(try guest.write(1, "x") == .pipe)
  }

  @Test(arguments: Engine.allCases)
  func nonblockingWritesToAFullPipe(engine: Engine) throws {
    var pipes: [Int32] = [0, 0]
    #expect(pipe(&pipes) == 0)
    defer { for fd in pipes { close(fd) } }
    var configuration = WASIConfiguration()
    configuration.standardOutput = .descriptor(pipes[1])
    let guest = try Guest(configuration, on: engine)
    #expect(try guest("fd_fdstat_set_flags", 1, 4) == .success)
    guest.vector(1024, 10_000)
    var written = 0
    var last = WASIErrno.success
    for _ in 0..<100 where last == .success {
      last = try guest("fd_write", 1, n(Guest.vectors), 1, n(Guest.out))
      if last == .success { written += Int(guest.load(Guest.out, UInt32.self)) }
    }
    #expect(last == .again)
    #expect(written > 10_000)
  }

  @Test func closedStandardStreams() throws {
    var configuration = WASIConfiguration()
    configuration.standardOutput = .descriptor(999)
    #expect(throws: WASIConfigurationError.self) { try WASI(configuration) }
  }

  /// A host that runs with its streams closed: the guest's are closed, too, and their numbers taken.
  @Test func inheritedStreamsThatAreClosed() async {
    await #expect(processExitsWith: .exitCode(60)) {
      for number: Int32 in 0...2 { close(number) }
      var configuration = WASIConfiguration()
      configuration.inheritStandardStreams()
      configuration.addDirectory("/", as: "/", isReadOnly: true)
      guard let guest = try? Guest(configuration, on: .baseline) else { _exit(1) }
      for number: UInt32 in 0...2 {
        guest.vector(1024, 4)
        let name = number == 0 ? "fd_read" : "fd_write"
        guard (try? guest(name, n(number), n(Guest.vectors), 1, n(Guest.out))) == .badf else {
          _exit(2)
        }
      }
      // Nothing of ours took their places, neither here nor among the guest's.
      guard let opened = try? guest.open("proc"), opened.descriptor > 3 else { _exit(3) }
      for number in 0...2 {
        let target = standardStream(number)
        if target == "/" || target == "/proc" || target.contains("wasm-pgo") { _exit(4) }
      }
      _exit(60)
    }
  }

  @Test(arguments: Engine.allCases)
  func terminal(engine: Engine) throws {
    var (host, guestSide): (Int32, Int32) = (0, 0)
    #expect(openpty(&host, &guestSide, nil, nil, nil) == 0)
    defer { close(host); close(guestSide) }
    for passes in [false, true] {
      var configuration = WASIConfiguration()
      configuration.standardOutput = .descriptor(guestSide)
      configuration.passTerminalEscapes = passes
      let guest = try Guest(configuration, on: engine)
      #expect(try guest("fd_fdstat_get", 1, n(Guest.out)) == .success)
      #expect(guest.load(Guest.out, UInt8.self) == WASIFileType.characterDevice.rawValue)
      // What a guest's isatty looks at.
      let rights = WASIRights(rawValue: guest.load(Guest.out + 8, UInt64.self))
      #expect(!rights.contains(.fdSeek) && !rights.contains(.fdTell))
      #expect(try guest.write(1, "a\u{1b}[31mb") == .success)
      #expect(guest.load(Guest.out, UInt32.self) == 7)
      var buffer = [UInt8](repeating: 0, count: 100)
      let count = Glibc.read(host, &buffer, buffer.count)
      let seen = String(decoding: buffer[..<count], as: UTF8.self)
      #expect(seen == (passes ? "a\u{1b}[31mb" : "a\u{241b}[31mb"))
    }
  }

  @Test func filter() {
    func filtered(_ parts: [[UInt8]]) -> [UInt8] {
      var filter = TerminalFilter()
      var output: [UInt8] = []
      for part in parts { part.withUnsafeBytes { filter.filter($0, into: &output) } }
      return output
    }
    let text = Array("tab\tline\nreturn\r häß €uro 😀 ".utf8)
    #expect(filtered([text]) == text)
    #expect(filtered(text.map { [$0] }) == text)  // split anywhere
    let replaced: [UInt8] = [0xEF, 0xBF, 0xBD]
    #expect(filtered([[0x9B, 0x41]]) == replaced + [0x41])  // C1, raw
    #expect(filtered([[0xC2], [0x9B], [0x41]]) == replaced + [0x41])  // C1 in UTF-8
    #expect(filtered([[0xC2, 0x1B]]) == replaced + [0xE2, 0x90, 0x9B])
    #expect(filtered([[0x7F, 0x07, 0x08]]) == Array("\u{2421}\u{2407}\u{2408}".utf8))
    #expect(filtered([[0xE0, 0x80, 0x9B]]) == replaced + replaced + replaced)  // overlong
    #expect(filtered([[0xC0, 0x9B, 0xF5]]) == replaced + replaced + replaced)
    // No output holds a control character, nor is any malformed.
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let noise = (0..<100).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let output = filtered([noise])
      #expect(!output.contains { $0 < 0x20 && ![9, 10, 13].contains($0) || $0 == 0x7F })
      let decoded = String(validating: output, as: UTF8.self)
      #expect(decoded != nil)
      #expect(decoded?.unicodeScalars.contains { (0x80..<0xA0).contains($0.value) } == false)
    }
  }
}
