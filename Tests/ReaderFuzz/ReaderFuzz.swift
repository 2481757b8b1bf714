import TestSupport

#if LIBFUZZER
  import Glibc

  // scripts/fuzz-readers.sh builds this.

  /// Named by the environment, since libFuzzer's own arguments are the command line.
  private let reader: Reader = {
    guard let name = getenv("WASM_PGO_READER"), let reader = Reader(rawValue: String(cString: name))
    else { fatalError("WASM_PGO_READER names no reader") }
    return reader
  }()

  private typealias Callback = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

  /// Of libFuzzer (its documentation, "Using libFuzzer as a library").
  @_silgen_name("LLVMFuzzerRunDriver")
  private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ callback: Callback
  ) -> CInt

  @main struct ReaderFuzz {
    static func main() {
      // Compiles the programs that inputs are made from, which takes longer than any input may.
      for seed in reader.seeds { reader.read(seed) }
      var count = CommandLine.argc
      var arguments = CommandLine.unsafeArgv
      exit(
        runDriver(&count, &arguments) { data, size in
          // libFuzzer's own limit counts the time of others that run, too.
          let time = ProcessorTime.measure {
            // libFuzzer owns `size` bytes at `data`, for the length of this call.
            reader.read(Array(UnsafeBufferPointer(start: data, count: size)))
          }
          guard time < .seconds(5) else { fatalError("\(time)") }
          return 0
        })
    }
  }
#else
  import Foundation
  import Glibc

  /// - `seeds READER FOLDER` writes inputs to start from.
  /// - `read READER FILE...` reads inputs again, such as those that libFuzzer found.
  /// - `edits STEP` changes each so many-th number in the tables of sound artefacts, and runs what the loader takes.
  /// - `mutate READER SECONDS FOLDER CURRENT` changes a folder's files at random; the one that is being read is in CURRENT.
  @main struct ReaderFuzz {
    static func main() throws {
      let arguments = Array(CommandLine.arguments.dropFirst())
      if arguments.first == "edits", arguments.count == 2, let step = Int(arguments[1]), step > 0 {
        let isGood = HostileProgram.all.map { EditCampaign($0, step: step).run() }
        exit(isGood.contains(false) ? 1 : 0)
      }
      guard arguments.count >= 3, let reader = Reader(rawValue: arguments[1]) else { usage() }
      let paths = arguments.dropFirst(2).map { URL(fileURLWithPath: $0) }
      switch arguments[0] {
      case "seeds":
        for (number, seed) in reader.seeds.enumerated() {
          try Data(seed).write(to: paths[0].appending(path: "seed-\(number)"))
        }
      case "read":
        for path in paths {
          print("\(path.lastPathComponent): \(reader.read(Array(try Data(contentsOf: path))))")
        }
      case "mutate":
        guard arguments.count == 5, let seconds = Double(arguments[2]) else { usage() }
        try mutate(reader, seconds, folder: paths[1], current: CurrentInput(paths[2].path))
      default: usage()
      }
    }

    static func usage() -> Never {
      FileHandle.standardError.write(
        Data("usage: see the comment in Tests/ReaderFuzz/ReaderFuzz.swift\n".utf8))
      exit(64)
    }

    static func mutate(
      _ reader: Reader, _ seconds: Double, folder: URL, current: CurrentInput
    ) throws {
      let files = try FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: nil)
      // libFuzzer may be at work there, and replaces files.
      let inputs = files.compactMap { try? Data(contentsOf: $0) }.map(Array.init)
      let clock = ContinuousClock()
      let end = clock.now + .seconds(seconds)
      var mutation = Mutation(seed: UInt64(Date().timeIntervalSince1970))
      var random = SystemRandomNumberGenerator()
      var (count, taken, longest) = (0, 0, Duration.zero)
      while clock.now < end {
        for _ in 0..<100 {
          let bytes = mutation.apply(
            to: inputs.randomElement(using: &random) ?? [],
            other: inputs.randomElement(using: &random) ?? [])
          current.set(bytes)
          let time = ProcessorTime.measure { if reader.read(bytes) { taken += 1 } }
          guard time < .seconds(1) else { fatalError("\(time)") }
          longest = max(longest, time)
          count += 1
        }
      }
      current.remove()
      print("\(reader.rawValue): \(count) inputs, \(taken) taken, at most \(longest)")
    }
  }

  /// A mapped file, which stays when this process dies. Of inputs beyond 64 kB it has the start.
  final class CurrentInput {
    private static let size = 1 << 16
    private let path: String
    private let file: Int32
    private let bytes: UnsafeMutableRawPointer

    init(_ path: String) {
      self.path = path
      file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o644)
      guard file >= 0, ftruncate(file, off_t(Self.size)) == 0,
        let mapping = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
        mapping != MAP_FAILED
      else { fatalError("cannot write \(path)") }
      bytes = mapping
    }

    /// Its length stands in the last 8 bytes.
    func set(_ input: [UInt8]) {
      let count = min(input.count, Self.size - 8)
      bytes.storeBytes(of: count, toByteOffset: Self.size - 8, as: Int.self)
      // In bounds: the file has room for `count` bytes and their number.
      input.withUnsafeBytes { source in
        if let start = source.baseAddress { memcpy(bytes, start, count) }
      }
    }

    func remove() { unlink(path) }
  }
#endif
