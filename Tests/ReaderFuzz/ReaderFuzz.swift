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
      var count = CommandLine.argc
      var arguments = CommandLine.unsafeArgv
      exit(
        runDriver(&count, &arguments) { data, size in
          // libFuzzer owns `size` bytes at `data`, for the length of this call.
          reader.read(Array(UnsafeBufferPointer(start: data, count: size)))
          return 0
        })
    }
  }
#else
  import Foundation

  /// `wasm-pgo-fuzz-readers seeds READER FOLDER` writes inputs to start from; `wasm-pgo-fuzz-readers read READER FILE...` reads
  /// inputs again, such as those that libFuzzer found.
  @main struct ReaderFuzz {
    static func main() throws {
      let arguments = CommandLine.arguments.dropFirst()
      guard arguments.count >= 3, let reader = Reader(rawValue: Array(arguments)[1]) else {
        FileHandle.standardError.write(
          Data("usage: (seeds READER FOLDER | read READER FILE...)\n".utf8))
        exit(64)
      }
      let paths = arguments.dropFirst(2).map { URL(fileURLWithPath: $0) }
      if arguments.first == "seeds" {
        for (number, seed) in reader.seeds.enumerated() {
          try Data(seed).write(to: paths[0].appending(path: "seed-\(number)"))
        }
      } else {
        for path in paths {
          print("\(path.lastPathComponent): \(reader.read(Array(try Data(contentsOf: path))))")
        }
      }
    }
  }
#endif
