import ArgumentParser
import CommandLineSupport
import Feedback
import Files
import Glibc
import TestSupport

/// Writes profiles of one large module that does not exist, as many servers would record them: all know all functions, each entered
/// some of them. For `scripts/merge-scale.sh`.
struct GeneratedProfiles: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate-profiles", abstract: "Write profiles of a large module.")

  @Argument(help: "Where to write them; created if it does not exist.") var directory: HostString
  @Option(help: "Profiles.") var count = 100
  @Option(help: "Functions of the module.") var functions = 40_000
  @Option(help: "Functions that a profile entered, in percent.") var entered = 10
  @Option(help: "Instructions that count in each of them.") var sites = 12
  @Option var seed: UInt64 = 1

  func run() throws {
    _ = directory.withCString { mkdir($0, 0o777) }
    var random = TestRandom(seed: seed)
    let module = (0..<functions).map { index in
      (
        key: FunctionKey(hash: random.next(), ordinal: 0), shape: random.next(),
        name: "namespace_\(index % 211)::class_\(index % 1999)::method_\(index)"
      )
    }
    for number in 0..<count {
      var file = ProfileFile()
      file.moduleHashes = [42]
      file.runCount = 1
      for function in module {
        var counts = ProfileFile.Function(shape: function.shape, name: function.name)
        if random.next() % 100 < UInt64(entered) {
          counts.entryCount = 1 + random.next() % 1_000_000
          fill(&counts, module.map(\.key), &random)
        }
        file.functions[function.key] = counts
      }
      let path = directory.appending("\(number).wasmprof")
      do throws(FileError) { try replaceFile(path, with: file.encode()) } catch {
        throw Diagnostic(writing: error)
      }
    }
  }

  private func fill(
    _ function: inout ProfileFile.Function, _ keys: [FunctionKey], _ random: inout TestRandom
  ) {
    for ordinal in 0..<sites where random.next() % 4 > 0 {
      let count = 1 + random.next() % 1_000_000
      switch ordinal % 4 {
      case 0: function.calls[10 * ordinal] = count
      case 1: function.branches[10 * ordinal] = .init(taken: count, notTaken: count / 3)
      case 2: function.loops[10 * ordinal] = count
      default:
        var site = ProfileFile.Site()
        // Mostly the same few.
        for _ in 0..<1 + random.next() % 3 {
          let target = (function.shape &+ random.next() % 5) % UInt64(keys.count)
          site.targets[keys[Int(target)]] = count
        }
        function.sites[10 * ordinal] = site
      }
    }
  }
}
