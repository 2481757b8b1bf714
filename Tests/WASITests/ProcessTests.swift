import Testing

@testable import WASI

@Suite struct ProcessTests {
  @Test func interfacesHaveAllFunctions() {
    #expect(WASI.functions(.preview1).count == 46)
    #expect(WASI.functions(.unstable).count == 45)
    #expect(Set(WASI.functions(.preview1).map(\.name)).count == 46)
    #expect(!WASI.functions(.unstable).contains { $0.name == "sock_accept" })
  }

  @Test(arguments: Engine.allCases)
  func argumentsAndEnvironment(engine: Engine) throws {
    var configuration = WASIConfiguration()
    configuration.arguments = ["program", "", "häß"]
    configuration.setEnvironment("A", "1")
    configuration.setEnvironment("B", "x=y")
    configuration.setEnvironment("A", "2")
    let guest = try Guest(configuration, on: engine)
    for (name, strings) in [("args", "program\0\0häß\0"), ("environ", "B=x=y\0A=2\0")] {
      guest.memory.initializeMemory(as: UInt8.self, repeating: 0)
      #expect(try guest("\(name)_sizes_get", 64, 68) == .success)
      let count = guest.load(64, UInt32.self)
      #expect(
        Int(count) == strings.split(separator: "\0", omittingEmptySubsequences: false).count - 1)
      #expect(Int(guest.load(68, UInt32.self)) == strings.utf8.count)
      #expect(try guest("\(name)_get", 100, 200) == .success)
      #expect(guest.text(200, strings.utf8.count) == strings)
      #expect(guest.load(100, UInt32.self) == 200)
      let second = guest.load(104, UInt32.self)
      #expect(guest.load(second - 1, UInt8.self) == 0)
      // Nothing behind.
      #expect(guest.bytes(200 + UInt32(strings.utf8.count), 8) == [UInt8](repeating: 0, count: 8))
    }
  }

  @Test(arguments: Engine.allCases)
  func argumentPointersAreChecked(engine: Engine) throws {
    var configuration = WASIConfiguration()
    configuration.arguments = ["ab", "cd"]
    let guest = try Guest(configuration, on: engine)
    let size = guest.size
    #expect(try guest("args_sizes_get", n(size - 3), 0) == .fault)
    #expect(try guest("args_sizes_get", 0, 0xFFFF_FFFF) == .fault)
    #expect(try guest("args_get", n(size - 7), 0) == .fault)
    #expect(try guest("args_get", 0, n(size - 5)) == .fault)
    #expect(guest.bytes(0, 16) == [UInt8](repeating: 0, count: 16))
    #expect(try guest("args_get", 0, n(size - 6)) == .success)
    #expect(try guest("environ_sizes_get", n(size), 0) == .fault)
    #expect(try guest("environ_get", n(size), n(size)) == .success)  // nothing to write
  }

  @Test func configurationIsChecked() {
    var nul = WASIConfiguration()
    nul.arguments = ["a\0b"]
    #expect(throws: WASIConfigurationError.self) { try WASI(nul) }
    var name = WASIConfiguration()
    name.environment = [("A=B", "x")]
    #expect(throws: WASIConfigurationError.self) { try WASI(name) }
    var missing = WASIConfiguration()
    missing.addDirectory("/nonexistent/directory", as: "/")
    #expect(throws: WASIConfigurationError.self) { try WASI(missing) }
    var directory = WASIConfiguration()
    directory.inheritedDescriptors = [999]
    #expect(throws: WASIConfigurationError.self) { try WASI(directory) }
  }

  @Test(arguments: Engine.allCases)
  func clocks(engine: Engine) throws {
    let guest = try Guest(on: engine)
    for clock in 0..<4 as Range<UInt32> {
      #expect(try guest("clock_res_get", n(clock), 64) == .success)
      #expect((1...1_000_000_000).contains(guest.load(64, UInt64.self)))
      #expect(try guest("clock_time_get", n(clock), 0, 72) == .success)
      let first = guest.load(72, UInt64.self)
      #expect(try guest("clock_time_get", n(clock), 0, 72) == .success)
      #expect(guest.load(72, UInt64.self) >= first)
      #expect(first > 0)
    }
    #expect(try guest("clock_time_get", 0, 0, 72) == .success)
    #expect(guest.load(72, UInt64.self) > 1_700_000_000_000_000_000)
    #expect(try guest("clock_time_get", 4, 0, 72) == .inval)
    #expect(try guest("clock_res_get", 4, 72) == .inval)
    #expect(try guest("clock_time_get", 0, 0, n(guest.size - 7)) == .fault)
    #expect(try guest("clock_res_get", 0, n(guest.size - 7)) == .fault)
  }

  @Test(arguments: Engine.allCases)
  func clockOfTheHost(engine: Engine) throws {
    var configuration = WASIConfiguration()
    configuration.clock = WASIClock(
      time: { $0 == .realtime ? 123_456 : nil }, resolution: { $0 == .realtime ? 1000 : nil })
    let guest = try Guest(configuration, on: engine)
    #expect(try guest("clock_time_get", 0, 0, 64) == .success)
    #expect(guest.load(64, UInt64.self) == 123_456)
    #expect(try guest("clock_res_get", 0, 64) == .success)
    #expect(guest.load(64, UInt64.self) == 1000)
    #expect(try guest("clock_time_get", 1, 0, 64) == .notsup)
    #expect(try guest("clock_res_get", 1, 64) == .notsup)
  }

  @Test(arguments: Engine.allCases)
  func random(engine: Engine) throws {
    let guest = try Guest(on: engine)
    #expect(try guest("random_get", 64, 64) == .success)
    #expect(Set(guest.bytes(64, 64)).count > 16)
    #expect(guest.bytes(128, 8) == [UInt8](repeating: 0, count: 8))
    #expect(try guest("random_get", n(guest.size), 0) == .success)
    #expect(try guest("random_get", n(guest.size), 1) == .fault)
    #expect(try guest("random_get", 1, 0xFFFF_FFFF) == .fault)
    var configuration = WASIConfiguration()
    configuration.random = WASIRandom {
      $0.copyBytes(from: repeatElement(7, count: $0.count)); return true
    }
    let fixed = try Guest(configuration, on: engine)
    #expect(try fixed("random_get", 64, 3) == .success)
    #expect(fixed.bytes(63, 5) == [0, 7, 7, 7, 0])
    configuration.random = WASIRandom { _ in false }
    #expect(try Guest(configuration, on: engine)("random_get", 64, 3) == .io)
  }

  @Test(arguments: Engine.allCases)
  func exit(engine: Engine) throws {
    let guest = try Guest(on: engine)
    #expect(throws: WASIExit(code: 42)) { try guest("proc_exit", 42) }
    #expect(throws: WASIExit(code: 0xFFFF_FFFF)) { try guest("proc_exit", 0xFFFF_FFFF) }
    #expect(try guest("sched_yield") == .success)
  }

  @Test(arguments: Engine.allCases)
  func signals(engine: Engine) throws {
    let guest = try Guest(on: engine)
    #expect(throws: WASIExit(code: 134)) { try guest("proc_raise", 6) }  // abrt
    #expect(throws: WASIExit(code: 143)) { try guest("proc_raise", 15) }  // term
    #expect(throws: WASIExit(code: 152)) { try guest("proc_raise", 23) }  // xcpu, 24 on Linux
    #expect(throws: WASIExit(code: 159)) { try guest("proc_raise", 30) }  // sys, 31 on Linux
    for ignored in [0, 13, 16, 17, 22, 27] as [UInt32] {
      #expect(try guest("proc_raise", n(ignored)) == .success)
    }
    #expect(try guest("proc_raise", 18) == .notsup)
    #expect(try guest("proc_raise", 31) == .inval)
  }
}
