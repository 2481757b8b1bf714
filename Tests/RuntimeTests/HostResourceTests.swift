import Glibc
import Runtime
import TestSupport
import Testing
import Wasm

/// What the runtime takes of its host: descriptors, mappings, memory. Each test runs in a process of its own.
struct HostResourceTests {
  /// Whoever prints to a stream that is closed must not meet a descriptor of ours.
  @Test func noDescriptorIsAStandardStream() async {
    await #expect(processExitsWith: .exitCode(50)) {
      for number: Int32 in 0...2 { close(number) }
      guard let machine = try? Machine(),
        let instance = try? machine.instantiate(StoreTests.fibonacci),
        (try? instance.call("fib", .i32(5))) == [.i32(5)]
      else { _exit(1) }
      // The test's own machinery may have taken one meanwhile.
      for number in 0...2 where standardStream(number).contains("wasm-pgo") { _exit(2) }
      _exit(50)
    }
  }

  /// Types of modules that are gone are gone, too.
  @Test func functionTypesAreFreed() async {
    await #expect(processExitsWith: .exitCode(52)) {
      /// 500 types of 300 parameters each, no two alike over all rounds.
      func load(_ round: Int) {
        var module = Module()
        module.types = TypeSpace(
          (0..<500).map { number in
            let bits = 500 * round + number
            return FunctionType((0..<300).map { bits >> ($0 % 24) & 1 == 0 ? .i32 : .f64 }, [])
          })
        _ = CompiledModule(module)
      }
      load(0)
      let before = HostResourceTests.residentBytes
      for round in 1...40 { load(round) }
      // A round takes some 5 MB.
      guard HostResourceTests.residentBytes - before < 50 << 20 else { _exit(1) }
      _exit(52)
    }
  }

  /// An element costs some bytes, not some dozens.
  @Test(arguments: [false, true])
  func elementSegmentsAreCompact(areExpressions: Bool) async {
    if areExpressions {
      await #expect(processExitsWith: .exitCode(53)) {
        HostResourceTests.loadElements(areExpressions: true)
        _exit(53)
      }
    } else {
      await #expect(processExitsWith: .exitCode(54)) {
        HostResourceTests.loadElements(areExpressions: false)
        _exit(54)
      }
    }
  }

  private static func loadElements(areExpressions: Bool) {
    let count = 2_000_000
    let item: [UInt8] = areExpressions ? [0xD2, 0, 0x0B] : [0]
    var segment: [UInt8] = [1] + (areExpressions ? [5, 0x70] : [1, 0])
    segment += BinaryPieces.leb(count)
    for _ in 0..<count { segment += item }
    let bytes: [UInt8] =
      BinaryPieces.header + BinaryPieces.section(1, [1, 0x60, 0, 0])
      + BinaryPieces.section(3, [1, 0])
      + BinaryPieces.section(4, [1, 0x70, 0, 1]) + BinaryPieces.section(9, segment)
      + BinaryPieces.section(10, [1, 2, 0, 0x0B])
    let before = peakBytes
    guard let module = try? Module(validating: bytes), let machine = try? Machine(),
      let instance = try? machine.linker.instantiate(CompiledModule(module))
    else { _exit(1) }
    let taken = peakBytes - before
    withExtendedLifetime(instance) {}
    guard taken < 16 * count else {
      print("\(taken) bytes for \(count) elements")
      _exit(2)
    }
  }

  private static var peakBytes: Int { status("VmHWM:") }
  private static var residentBytes: Int { status("VmRSS:") }

  private static func status(_ name: String) -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 512)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let fields = text.split(whereSeparator: \.isWhitespace)
      if fields.first == Substring(name) { return (Int(fields[1]) ?? 0) << 10 }
    }
    return 0
  }
}
