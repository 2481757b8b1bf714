import ArgumentParser
import CommandLineSupport
import Feedback
import Files
import Wasm

struct ProfileValidate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check that profiles can be read, and how well they match a module.",
    discussion: """
      Prints a line for each profile. Ends with 65 or 66 if one cannot be read.

      EXAMPLES:
        wasm-pgo profile validate *.wasmprof
        wasm-pgo profile validate app.wasmprof --module app.wasm

      \(ExitStatus.table("0 success"))
      """)

  @Argument(help: "Profiles, finished or not.", completion: .file(extensions: ["wasmprof"]))
  var profiles: [HostString]

  @Option(help: "A module that they are to match.", completion: .file(extensions: ["wasm"]))
  var module: HostString?

  func run() throws {
    let module = try module.map { try loadModule($0) }
    var failures: [Diagnostic] = []
    for profile in profiles {
      do throws(Diagnostic) {
        let line = Self.describe(try readProfile(profile), module)
        do { try printReport("\(profile): \(line)\n") } catch let error as Diagnostic {
          throw error
        } catch {
          throw Diagnostic("\(error)", status: .outputError)
        }
      } catch {
        guard error.status != .outputError else { throw error }
        failures.append(error)
      }
    }
    for failure in failures.dropLast() { Terminal.report(failure) }
    if let last = failures.last { throw last }
  }

  private static func describe(_ file: ProfileFile, _ module: Module?) -> String {
    let entered = file.functions.values.count { $0.entryCount > 0 }
    var line = "\(file.runCount) \(file.runCount == 1 ? "run" : "runs"), "
    line += "\(file.functions.count) functions, \(entered) entered"
    guard let module else { return line }
    var statistics = MatchStatistics()
    _ = file.match(module, statistics: &statistics)
    line += "; \(fixedPoint(statistics.matchedPercent, places: 1)) % of its counts match"
    // The bodies are the same, so their sites must be.
    if statistics.isSameModule && statistics.lostSites > 0 {
      line += "; \(statistics.lostSites) sites are not what the profile says"
    }
    return line
  }
}
