import ArgumentParser
import CommandLineSupport
import Feedback
import Files
import Glibc
import Synchronization

struct ProfileMerge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Add up profiles.",
    discussion: """
      Profiles are read one at a time, so memory is needed for the sum and the largest of them only. The order of profiles does not \
      matter, nor how they are grouped: merging the sums of two halves gives the same bytes as merging all at once.

      EXAMPLES:
        wasm-pgo profile merge a.wasmprof b.wasmprof -o all.wasmprof
        find profiles -name '*.wasmprof' > list
        wasm-pgo profile merge --inputs list --skip-unreadable -o all.wasmprof

      \(ExitStatus.table("0 success"))
      """)

  @Argument(help: "Profiles, finished or not.", completion: .file(extensions: ["wasmprof"]))
  var profiles: [HostString] = []

  @Option(
    help: ArgumentHelp(
      "A profile that counts so many times. May be given several times.",
      valueName: "profile:weight"))
  var weighted: [WeightedProfile] = []

  @Option(
    help: ArgumentHelp("A file with more profiles, one path a line.", valueName: "file"),
    completion: .file())
  var inputs: HostString?

  @Option(name: .shortAndLong, help: "The sum.")
  var output: HostString

  @Flag(help: SparseOption.help)
  var sparse = false

  @Flag(
    help: """
      Leaves out profiles that cannot be read, with a warning for each. Without this, any such profile is an error, and \
      nothing is written.
      """)
  var skipUnreadable = false

  @Option(
    name: .shortAndLong,
    help: "Number of profiles to read at a time. (default: the number of processors)")
  var jobs: Int?

  func validate() throws {
    guard jobs.map({ $0 > 0 }) ?? true else { throw ValidationError("--jobs must be at least 1") }
    guard inputs != nil || !profiles.isEmpty || !weighted.isEmpty else {
      throw ValidationError("no profiles: name them, or a file of names with --inputs")
    }
  }

  func run() throws {
    let all = try profiles.map { WeightedProfile(path: $0, weight: 1) } + weighted + listed()
    guard !all.isEmpty else {
      throw Diagnostic(
        "no profiles: the list is empty", at: inputs.map { "\($0)" },
        help: "a path in each line: find FOLDER -name '*.wasmprof'", status: .usage)
    }
    var roles = FileRoles()
    for profile in all { roles.add(profile.path, "one of the profiles") }
    roles.add(inputs, "the list of profiles")
    try roles.check(output, "-o")
    let merging = Merging(
      all, threadCount: min(all.count, jobs ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    merging.run()
    try report(merging.failures, of: all.count)
    var sum = merging.sum
    try writeProfile(sum.encode(isSparse: sparse), to: output)
  }

  private func listed() throws -> [WeightedProfile] {
    guard let inputs else { return [] }
    return try readInput(inputs).split(separator: UInt8(ascii: "\n")).map {
      WeightedProfile(path: HostString(bytes: Array($0)), weight: 1)
    }
  }

  private func report(_ failures: [Diagnostic], of count: Int) throws {
    guard let first = failures.first else { return }
    guard skipUnreadable && failures.count < count else {
      for failure in failures.dropFirst() { Terminal.report(failure) }
      var first = first
      if failures.count == count {
        first.help = first.help ?? "none of the profiles can be read"
      } else {
        first.help = "mend or leave out what cannot be read, or skip it: --skip-unreadable"
      }
      throw first
    }
    for failure in failures {
      Terminal.warn("left out: \(failure.what): \(failure.place ?? "")")
    }
  }
}

/// A profile, and how many times it counts.
struct WeightedProfile: ExpressibleByArgument, Sendable {
  var path: HostString
  var weight: UInt64

  init(path: HostString, weight: UInt64) {
    self.path = path
    self.weight = weight
  }

  /// `PROFILE:WEIGHT`, a whole number of at least 1.
  init?(argument: String) {
    guard let colon = argument.lastIndex(of: ":"),
      let weight = UInt64(argument[argument.index(after: colon)...]), weight > 0,
      colon > argument.startIndex
    else { return nil }
    self.init(path: HostString(carried: String(argument[..<colon])), weight: weight)
  }
}

/// Adds up profiles on several threads, each with a sum of its own.
private final class Merging: Sendable {
  private let profiles: [WeightedProfile]
  private let sums: [Sum]
  private let failed: Mutex<[(index: Int, Diagnostic)]> = Mutex([])

  private final class Sum: Sendable {
    let value = Mutex(ProfileSum())
  }

  init(_ profiles: [WeightedProfile], threadCount: Int) {
    self.profiles = profiles
    sums = (0..<max(1, threadCount)).map { _ in Sum() }
  }

  /// Those that could not be read, in their order.
  var failures: [Diagnostic] {
    failed.withLock { $0.sorted { $0.index < $1.index }.map(\.1) }
  }

  var sum: ProfileSum {
    var result = ProfileSum()
    for sum in sums { sum.value.withLock { result.add($0) } }
    return result
  }

  func run() {
    forEachInParallel(profiles.count, threadCount: sums.count) { [self] thread, index in
      do throws(Diagnostic) { try add(profiles[index], to: sums[thread]) } catch {
        failed.withLock { $0.append((index, error)) }
      }
    }
  }

  private func add(_ profile: WeightedProfile, to sum: Sum) throws(Diagnostic) {
    let bytes = try readInput(profile.path)
    do throws(ProfileError) {
      try sum.value.withLock { sum throws(ProfileError) in
        try sum.add(bytes, weight: profile.weight)
      }
    } catch {
      throw Diagnostic(error, in: bytes, at: profile.path)
    }
  }
}
