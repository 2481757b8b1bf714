import ArgumentParser
import CommandLineSupport
import Files
import Forcing
import Runtime
import Wasm

/// Forces guards to fail although their conditions hold, to test deoptimization on an unchanged artefact.
struct ForcingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Every Nth test of a guard with a deopt fails, regardless of its operands; 1: every test.",
      valueName: "n"))
  var deoptEvery: UInt64?

  @Option(
    help: ArgumentHelp(
      """
      One guard fails. FUNC (index or name) and SITE (byte offset of the call) are as printed by inspect --guards; \
      COUNT is the execution that fails, by default the first. May be given several times.
      """, valueName: "func:site:count"))
  var deoptAt: [HostString] = []

  @Option(
    help: ArgumentHelp(
      "Guards fail at random; RATE is the share of tests that fail, from 0 to 1.",
      valueName: "seed:rate"))
  var deoptRandom: String?

  @Flag(help: "Each test of a guard fails the first time it executes.")
  var deoptOnce = false

  @Option(
    help: ArgumentHelp(
      "After K deopts of a function, its generic version replaces it; 0: never.", valueName: "k"))
  var deoptLimit = 10

  @Option(
    help: ArgumentHelp(
      """
      After a deopt, loops switch to generic code at every Nth iteration, 1 to 255. \
      (default: the first)
      """, valueName: "n"))
  var osrEvery: Int?

  func validate() throws {
    guard deoptEvery != 0 else { throw ValidationError("--deopt-every must be at least 1") }
    guard deoptLimit >= 0 else { throw ValidationError("--deopt-limit must be at least 0") }
    guard osrEvery.map({ $0 >= 1 && $0 <= 255 }) ?? true else {
      throw ValidationError("--osr-every takes 1 to 255")
    }
    for site in deoptAt where site.text.flatMap(Site.init) == nil {
      throw ValidationError("--deopt-at: '\(site)' is not FUNC:SITE or FUNC:SITE:COUNT")
    }
    if let deoptRandom, Self.random(deoptRandom) == nil {
      throw ValidationError("--deopt-random: '\(deoptRandom)' is not SEED:RATE, like 1:0.01")
    }
  }

  /// Whether guards or loops are to be forced at all.
  var isForcing: Bool {
    deoptEvery != nil || !deoptAt.isEmpty || deoptRandom != nil || deoptOnce || osrEvery != nil
  }

  /// For `Instance.deoptBudget`.
  var budget: Int? { deoptLimit == 0 ? nil : deoptLimit }

  func forcing(_ module: Module) throws(Diagnostic) -> GuardForcing {
    var forcing = GuardForcing()
    forcing.period = deoptEvery
    forcing.random = deoptRandom.flatMap(Self.random)
    forcing.failsEachTestOnce = deoptOnce
    forcing.loopPeriod = osrEvery
    for site in deoptAt.compactMap({ $0.text.flatMap(Site.init) }) {
      guard let function = site.function(in: module) else {
        throw Diagnostic(
          "--deopt-at: the module has no function '\(site.name)'",
          help: "wasm-pgo inspect --guards lists the guards that can be forced", status: .usage)
      }
      forcing.sites.append(
        .init(function: function, byteOffset: site.byteOffset, execution: site.execution))
    }
    return forcing
  }

  private static func random(_ text: String) -> GuardForcing.Random? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let seed = UInt64(parts[0]), let rate = Double(parts[1]),
      (0...1).contains(rate)
    else { return nil }
    return .init(seed: seed, rate: rate)
  }

  /// `FUNC:SITE:COUNT`, parsed from its end, because names may contain colons.
  private struct Site {
    var name: String
    var byteOffset: Int
    var execution: UInt64 = 1

    init?(_ text: String) {
      var parts = text.split(separator: ":", omittingEmptySubsequences: false)
      var numbers: [UInt64] = []
      while numbers.count < 2, parts.count > 1, let number = parts.last.flatMap({ UInt64($0) }) {
        numbers.insert(number, at: 0)
        parts.removeLast()
      }
      guard let first = numbers.first.flatMap({ Int(exactly: $0) }) else { return nil }
      byteOffset = first
      if numbers.count == 2 { execution = numbers[1] }
      guard execution > 0 else { return nil }
      name = parts.joined(separator: ":")
    }

    func function(in module: Module) -> Int? {
      let digits = name.hasPrefix("f") ? name.dropFirst() : name[...]
      if let index = Int(digits), module.functions.indices.contains(index) { return index }
      return module.functions.indices.first { module.functionName($0) == name }
    }
  }
}
