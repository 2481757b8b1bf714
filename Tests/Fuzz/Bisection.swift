import AOT
import Glibc
import Speculation

/// Finds what a failure needs: the functions that must speculate, the sites that must be able to deoptimize, the first of LLVM's passes,
/// those of our own passes without which nothing fails.
struct Bisection {
  var failure: FuzzFailure

  struct Report: Equatable {
    /// Fails without any speculation: nil below.
    var isSpeculation = false
    var functions: [Int] = []
    var sites: [FuzzBuild.Site] = []
    /// The first pass with which it fails; 0: fails without any.
    var pass: Int?
    var passName = ""
    var ownPasses: [OwnPass] = []
  }

  func run() throws -> Report {
    var report = Report()
    report.isSpeculation = !failure.fails { $0.deopting = [] }
    if report.isSpeculation {
      let sites = try FuzzCase(failure.program).sites()
      report.functions = minimized(Array(Set(sites.map(\.function))).sorted()) { functions in
        failure.fails { $0.deopting = sites.filter { functions.contains($0.function) } }
      }
      report.sites = minimized(sites.filter { report.functions.contains($0.function) }) { sites in
        failure.fails { $0.deopting = sites }
      }
    }
    findPass(&report)
    report.ownPasses = OwnPass.allCases.filter { pass in
      !failure.fails { $0.leftOut = [pass] }
    }
    return report
  }

  // MARK: Passes

  /// LLVM numbers its optional passes over each function in the order in which they run; all above a limit are left out.
  private func findPass(_ report: inout Report) {
    let all = passes(limit: 1 << 30)
    guard all.fails else { return }
    var good = -1
    var bad = all.names.count
    while bad - good > 1 {
      let middle = good + (bad - good) / 2
      if passes(limit: middle).fails { bad = middle } else { good = middle }
    }
    report.pass = bad
    if bad > 0 { report.passName = all.names[bad - 1] }
  }

  private func passes(limit: Int) -> (fails: Bool, names: [String]) {
    // A file without a name, gone when closed.
    guard let file = tmpfile() else { return (false, []) }
    defer { fclose(file) }
    let log = fileno(file)
    var copy = failure
    copy.errors = log
    let fails = {
      copy.change = { $0.passLimit = limit }
      return copy.finding() != nil
    }()
    return (fails, Self.names(log))
  }

  /// From lines as `BISECT: running pass (12) sroa on f3`.
  private static func names(_ log: Int32) -> [String] {
    guard lseek(log, 0, SEEK_SET) == 0 else { return [] }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(log, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
      guard line.hasPrefix("BISECT: "), let end = line.firstIndex(of: ")") else { return nil }
      return String(line[line.index(after: end)...].drop { $0 == " " })
    }
  }
}

extension Bisection.Report: CustomStringConvertible {
  var description: String {
    var text = ""
    if isSpeculation {
      text +=
        "functions that must speculate: \(functions.map { "\($0)" }.joined(separator: ", "))\n"
      for site in sites {
        text +=
          "site that must deoptimize: byte \(site.byteOffset) in copy \(site.node) "
          + "of function \(site.function)\n"
      }
    } else {
      text += "fails without speculation: generic or baseline code\n"
    }
    switch pass {
    case nil: text += "passes: does not fail when they are counted\n"
    case 0: text += "passes: fails without any optional pass of LLVM\n"
    case let number?: text += "pass \(number) of LLVM: \(passName)\n"
    }
    for pass in ownPasses { text += "does not fail without our pass \(pass.rawValue)\n" }
    return text
  }
}
