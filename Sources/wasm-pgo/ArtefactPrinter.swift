import Contract
import Feedback
import Runtime
import Speculation
import Wasm
import X64

/// An artefact's contents as text.
struct ArtefactPrinter {
  let artefact: Artefact

  private var module: Module { artefact.module }

  /// `f12 "name"`.
  func name(_ function: Int) -> String {
    module.functionName(function).map { "f\(function) \"\($0)\"" } ?? "f\(function)"
  }

  /// A node as the chain of calls that it stands for: `f1 > f7 @1234`.
  func chain(_ node: UInt32) -> String {
    var parts: [String] = []
    var current = node
    while Int(current) < artefact.code.inlineNodes.count {
      let row = artefact.code.inlineNodes[Int(current)]
      let place = row.parent == InlineNode.root ? "" : " @\(row.callOffset)"
      parts.append(name(Int(row.function)) + place)
      current = row.parent
    }
    return parts.reversed().joined(separator: " > ")
  }

  private func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  func summary() throws -> String {
    let manifest = artefact.manifest
    let code = artefact.code
    let missing = artefact.missingFeatures
    return """
      compiler        \(manifest.compiler)
      options         \(manifest.options)
      contract        \(manifest.contract)
      module hash     \(hex(manifest.moduleHash))
      profile hash    \(manifest.profileHash == 0 ? "none" : hex(manifest.profileHash))
      cpu             \(manifest.cpu)
      features        \(manifest.features.joined(separator: " "))
      missing here    \(missing.isEmpty ? "none" : missing.joined(separator: " "))
      wasm features   \(try module.features().members.map(\.rawValue).joined(separator: " "))
      relaxed SIMD    \(manifest.relaxed)
      module bytes    \(module.bytes.count)
      code bytes      \(artefact.textSize)
      functions       \(code.functions.count) (\(manifest.hotFunctionCount) hot, \
      \(code.functions.count { $0.isSpeculative }) speculative)
      inlined bodies  \(code.inlineNodes.count { $0.parent != InlineNode.root })
      OSR entries     \(code.loops.count)
      baseline        \(code.baseline.count) (\(code.baseline.count { $0.reason.kind == .cold }) cold)
      baseline code   \(artefact.baseline.rows.count) functions, \
      \(artefact.baseline.rows.reduce(0) { $0 + Int($1.codeSize) }) bytes
      guards          \(artefact.deopts.guards.count)
      deopt points    \(artefact.deopts.points.count)
      frame states    \(artefact.deopts.states.count)
      handlers        \(artefact.handlers.sites.count)

      """ + baselineFunctions
  }

  func sections(_ bytes: [UInt8]) throws -> String {
    try bytes.withUnsafeBytes { bytes in
      let elf = try ELFFile(ArtefactFile.open(bytes))
      return "sections\n"
        + elf.sections.filter { !$0.name.isEmpty }.map { "  \($0.name)  \($0.size)\n" }.joined()
    }
  }

  /// Part of the summary, since they are what nobody asked for. Cold functions are only counted, above.
  private var baselineFunctions: String {
    artefact.code.baseline.filter { $0.reason.kind != .cold }.map {
      "\(name(Int($0.function))) is baseline code: \($0.reason)\n"
    }.joined()
  }

  /// Those with the most events in the profile first.
  func functions() throws -> String {
    let counts = try ProfileCounts(artefact.siteReport())
    let first = module.importedFunctionCount
    var text = "functions\n"
    for index in artefact.code.functions.indices.sorted(by: {
      (counts.weight(first + $1), $0) < (counts.weight(first + $0), $1)
    }) {
      let function = first + index
      text += "  \(name(function))  \(versions(index))"
      if let row = counts.functions[function] {
        text += "  \(row.entryCount) calls, \(share(row.weight, of: counts.weight)) of all events"
      }
      text += "\n"
    }
    return text
  }

  /// - Parameter index: of a defined function.
  private func versions(_ index: Int) -> String {
    let function = module.importedFunctionCount + index
    if let reason = artefact.baselineReason(function: function) { return "baseline: \(reason)" }
    let row = artefact.code.functions[index]
    var text = "\(row.isSpeculative ? "speculative" : "code") \(row.entrySize)"
    if row.hasGeneric { text += "  generic \(row.genericSize)" }
    for loop in artefact.loopRows(function: function) {
      let loop = artefact.code.loops[loop]
      text += "  loop@\(loop.byteOffset) \(loop.entrySize)"
    }
    return text
  }

  /// Those with the most calls in the profile first.
  func sites() throws -> String {
    guard let report = try artefact.siteReport() else { return "sites\n  not recorded\n" }
    let counts = ProfileCounts(report)
    var text = "sites\n"
    for site in report.sites.sorted(by: {
      ($1.count, $0.node, $0.byteOffset) < ($0.count, $1.node, $1.byteOffset)
    }) {
      func describe<Case: CaseIterable>(_: Case.Type, _ number: UInt8) -> String {
        let value: Case? = plannerCase(number)
        return value.map { "\($0)" } ?? "?"
      }
      text += "  \(chain(site.node)) @\(site.byteOffset): \(describe(Reason.self, site.reason))"
      text += ", guard \(describe(SitePlan.Guard.self, site.guardKind))"
      text += ", else \(describe(SitePlan.Miss.self, site.miss)) (\(site.missCount))"
      text += "; \(site.count) calls, \(share(site.count, of: counts.weight)) of all events\n"
      for target in site.targets {
        let how = target.node == InlineNode.root ? "called" : "inlined"
        text += "    \(name(Int(target.function)))  \(target.count)  \(how)\n"
      }
    }
    return text
  }

  /// Each with its numbers of tests and of deopt points in the code.
  func guards() throws -> String {
    var tests: [UInt32: Int] = [:]
    for test in try artefact.guardTests() { tests[test.guardNumber, default: 0] += 1 }
    var points: [UInt32: Int] = [:]
    for point in artefact.deopts.points { points[point.guardNumber, default: 0] += 1 }
    var text = "guards\n"
    for (number, site) in artefact.deopts.guards.enumerated() {
      let number = UInt32(number)
      text += "  \(number)  \(chain(site.node)) @\(site.byteOffset)"
      text += "  tests \(tests[number] ?? 0)  points \(points[number] ?? 0)\n"
    }
    return text
  }

  func frameStates() -> String {
    var text = "frame states\n"
    for point in artefact.deopts.points {
      text += "  code+\(point.codeOffset), guard \(point.guardNumber)\n" + frames(of: point)
    }
    return text
  }

  /// The frames of a deopt point, outermost first, with each local and operand.
  /// - Parameter values: of the slots of all frames; without, only where they are found.
  func frames(of point: DeoptPoint, values: [V128] = []) -> String {
    let deopts = artefact.deopts
    var text = ""
    var number = 0
    for frame in deopts.frameState(Int(point.state)).frames {
      let node = artefact.code.inlineNodes[Int(frame.node)]
      text +=
        "    \(name(Int(node.function))) \(frame.resume.position) @\(frame.resume.byteOffset)\n"
      for (kind, types) in [("local", frame.locals), ("operand", frame.operands)] {
        for (slot, type) in types.enumerated() {
          let place = describe(deopts.location(Int(point.firstLocation) + number))
          text += "      \(kind) \(slot) \(type) = \(place)"
          if values.indices.contains(number) { text += ": \(describe(values[number], type))" }
          text += "\n"
          number += 1
        }
      }
    }
    return text
  }

  private func describe(_ value: V128, _ representation: Representation) -> String {
    let slot = value.low
    return switch representation {
    case .i32: "\(Int32(truncatingIfNeeded: slot))"
    case .f32: "\(Float(bitPattern: UInt32(truncatingIfNeeded: slot)))"
    case .f64: "\(Double(bitPattern: slot))"
    case .i64, .function, .external, .internal, .exception: "\(Int64(bitPattern: slot))"
    case .v128: "\(value)"
    }
  }

  private func describe(_ location: ValueLocation) -> String {
    switch location {
    case .general(let number): RegisterFile.generalName(number)
    case .vector(let number, _): RegisterFile.vectorName(number)
    case .stackPointer(let offset, _): "[\(Register.stackPointer) + \(offset)]"
    case .framePointer(let offset, _): "[\(Register.framePointer) + \(offset)]"
    case .constant(let value): "0x\(String(value, radix: 16))"
    case .undefined: "undefined"
    }
  }
}
