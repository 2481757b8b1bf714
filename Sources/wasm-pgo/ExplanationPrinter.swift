import CommandLineSupport
import Contract
import Feedback
import Runtime
import Speculation
import Wasm

/// Decisions in words, and as JSON.
struct ExplanationPrinter {
  var artefact: ArtefactPrinter
  var list: ExplainedSite.List
  var misses: GuardMisses?

  private var module: Module { artefact.artefact.module }

  /// A line for each site.
  func overview(limit: Int) -> String {
    guard !list.sites.isEmpty else { return "no indirect calls in optimized code\n" }
    var text = ""
    for site in list.sites.prefix(limit) {
      text += "\(share(site.count, of: list.counts.weight))  \(head(site)): \(decision(site))\n"
    }
    if list.sites.count > limit { text += "(\(list.sites.count - limit) more calls)\n" }
    return text
  }

  /// All that is known of each site.
  /// - Parameter function: that they are in, if only one was asked for.
  func details(of function: Int?) -> String {
    var text = ""
    if let function {
      text += artefact.name(function)
      if let counts = list.counts.functions[function] {
        text +=
          ": \(counts.entryCount) calls, \(share(counts.weight, of: list.counts.weight)) of all events"
      }
      text += "\n"
      if let reason = artefact.artefact.baselineReason(function: function) {
        text += "  baseline code: \(reason)\n"
      }
    }
    return ([text] + list.sites.map(detail)).filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private func head(_ site: ExplainedSite) -> String {
    "\(artefact.name(site.function)) @\(site.byteOffset), "
      + "\(site.isIndirect ? "indirect" : "direct") call, \(site.count)"
  }

  private func detail(_ site: ExplainedSite) -> String {
    var text = "\(head(site)) calls, \(share(site.count, of: list.counts.weight)) of all events\n"
    func row(_ name: String, _ value: String) {
      text += "  \(name)\(String(repeating: " ", count: max(1, 10 - name.count)))\(value)\n"
    }
    for target in site.targets { row("target", describe(target, of: site)) }
    let known = site.site
    if known.otherCount > 0 {
      row("target", "\(share(known.otherCount, of: site.count))  \(known.otherCount)  others")
    }
    if known.foreignCount > 0 {
      row(
        "target",
        "\(share(known.foreignCount, of: site.count))  \(known.foreignCount)  other instances, the host"
      )
    }
    row("decision", decision(site))
    row("why", reason(site))
    if site.isSpeculated { row("guard", site.guardKind?.words ?? "?") }
    if let misses, site.miss == .deopt {
      row("misses", "\(misses.byOffset[site.byteOffset] ?? 0) in the run of the statistics")
    }
    if let estimate = estimate(site) { row("estimate", estimate) }
    for copy in site.copies {
      row("copy", artefact.chain(copy.site.node) + (copy.isGeneric ? " (without deopts)" : ""))
    }
    return text
  }

  private func describe(_ target: SiteReport.Target, of site: ExplainedSite) -> String {
    let isTested = site.site.targets.contains { $0.function == target.function }
    let how =
      target.node != InlineNode.root
      ? "inlined" : isTested ? "tested for and called directly" : "called"
    return "\(share(target.count, of: site.count))  \(target.count)  "
      + "\(artefact.name(Int(target.function)))  \(how), \(size(target)) bytes of wasm"
  }

  private func size(_ target: SiteReport.Target) -> Int {
    module.functions[Int(target.function)].body.count
  }

  // MARK: Words

  private func decision(_ site: ExplainedSite) -> String {
    let inlined = site.site.targets.count { $0.node != InlineNode.root }
    guard site.isIndirect else { return inlined > 0 ? "inlined" : "called" }
    let count = site.site.targets.count
    guard count > 0 else { return "not speculated: called as usual" }
    let what =
      inlined == count
      ? "inlined" : inlined == 0 ? "called directly" : "\(inlined) of them inlined"
    return "speculated on \(count) \(count == 1 ? "target" : "targets"), \(what); "
      + (site.miss?.words ?? "?")
  }

  private func reason(_ site: ExplainedSite) -> String {
    let words = site.reason?.words ?? "unknown reason \(site.site.reason)"
    let counted = site.targets.filter { $0.count > 0 }
    guard site.isIndirect, let largest = counted.first else { return words }
    let seen = site.site.otherCount > 0 ? "more than \(counted.count)" : "\(counted.count)"
    let state =
      site.site.otherCount > 0 ? "megamorphic" : counted.count > 1 ? "polymorphic" : "monomorphic"
    let shape =
      "\(seen) \(counted.count == 1 && site.site.otherCount == 0 ? "target" : "targets"), the largest "
      + "\(share(largest.count, of: site.count)): \(state)"
    switch site.reason {
    case .megamorphic, .inlined: return shape
    default: return "\(shape); \(words)"
    }
  }

  /// What testing for targets saves, or would save, in the time that the profile's runs took together.
  private func savings(_ site: ExplainedSite) -> (milliseconds: Double, isSaved: Bool)? {
    guard site.isIndirect, let largest = site.targets.first, largest.count > 0 else { return nil }
    let calls =
      site.isSpeculated
      ? site.site.targets.reduce(0) { saturatingSum($0, $1.count) } : largest.count
    return (Double(calls) * savedNanosecondsPerCall / 1e6, site.isSpeculated)
  }

  private func estimate(_ site: ExplainedSite) -> String? {
    guard let savings = savings(site) else { return nil }
    let time = "\(fixedPoint(savings.milliseconds, places: 4)) ms"
    guard !savings.isSaved, let largest = site.targets.first else {
      return "saves about \(time) in runs like those of the profile"
    }
    return
      "speculating on \(artefact.name(Int(largest.function))) would save about \(time) in runs like those of the profile"
  }

  // MARK: JSON

  func json(limit: Int) -> JSON {
    .object([
      ("weight", .integer(list.counts.weight)), ("site_count", .integer(list.sites.count)),
      ("sites", .array(list.sites.prefix(limit).map(json))),
    ])
  }

  private func json(_ site: ExplainedSite) -> JSON {
    func function(_ index: Int) -> [(String, JSON)] {
      [("function", .integer(index))]
        + (module.functionName(index).map { [("name", .string($0))] } ?? [])
    }
    let targets = site.targets.map { target in
      JSON.object(
        function(Int(target.function)) + [
          ("count", .integer(target.count)), ("wasm_bytes", .integer(size(target))),
          ("inlined", .bool(target.node != InlineNode.root)),
          ("tested", .bool(site.site.targets.contains { $0.function == target.function })),
        ])
    }
    let copies = site.copies.map {
      JSON.object([
        ("path", .string(artefact.chain($0.site.node))), ("has_deopts", .bool(!$0.isGeneric)),
      ])
    }
    let missed = misses.map { [("misses", JSON.integer($0.byOffset[site.byteOffset] ?? 0))] } ?? []
    let saved = savings(site).map {
      [($0.isSaved ? "saved_ms" : "possible_ms", JSON.decimal($0.milliseconds, places: 4))]
    }
    return .object(
      function(site.function) + [
        ("offset", .integer(site.byteOffset)), ("indirect", .bool(site.isIndirect)),
        ("count", .integer(site.count)), ("targets", .array(targets)),
        ("others", .integer(site.site.otherCount)), ("foreign", .integer(site.site.foreignCount)),
        ("speculated", .bool(site.isSpeculated)), ("decision", .string(decision(site))),
        ("reason", .string(reason(site))),
        ("guard", .string(site.guardKind.map { "\($0)" } ?? "?")),
        ("miss", .string(site.miss.map { "\($0)" } ?? "?")),
      ] + missed + (saved ?? []) + [("copies", .array(copies))])
  }
}
