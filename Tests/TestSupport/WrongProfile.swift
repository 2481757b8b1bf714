import Feedback
import Wasm

/// A profile that leads the planner astray. All functions and branches are hot; each indirect call claims to reach
/// functions of the right type other than those that it does reach; loops go round when they do not, and branches go
/// the other way. Where a module has no indirect calls, the profile of another is taken as if it were its own, so
/// that numbers of functions and offsets mean something else, or nothing.
struct WrongProfile {
  private let module: Module
  private let recorded: ModuleProfile
  private(set) var profile: ModuleProfile

  init(_ module: Module, recorded: ModuleProfile, other: ModuleProfile) throws {
    self.module = module
    self.recorded = recorded
    profile = other
    profile.hash = 1
    for function in module.importedFunctionCount..<module.functions.count {
      let calls = try module.indirectCalls(function: function)
      guard profile.functions[function] == nil || !calls.isEmpty else { continue }
      profile.functions[function] = try astray(function, calls)
    }
  }

  private func astray(
    _ function: Int, _ calls: [(offset: Int, type: Int)]
  ) throws -> FunctionProfile {
    let truth = recorded.functions[function] ?? FunctionProfile()
    var result = FunctionProfile()
    result.entryCount = 1000
    for offset in try module.offsets(of: .loop, function: function) {
      result.loops[offset] = truth.loops[offset] == nil ? 100_000 : 0
    }
    for (offset, branch) in truth.branches {
      result.branches[offset] = .init(taken: branch.notTaken, notTaken: branch.taken)
    }
    for offset in try module.offsets(of: .call, function: function) {
      result.callSites[offset] = .init(otherCount: 1000)
    }
    for (offset, type) in calls {
      let reached = Set(truth.callSites[offset]?.targets.map(\.function) ?? [])
      result.callSites[offset] = .init(targets: targets(type, butNot: reached))
    }
    return result
  }

  /// Functions that a table may hold come first: the planner believes no others where the table never changes.
  private func targets(_ type: Int, butNot reached: Set<Int>) -> [CallSiteFeedback.Target] {
    let wrong = (module.importedFunctionCount..<module.functions.count).filter {
      module.types.isSubtype(module.functions[$0].typeIndex, of: type) && !reached.contains($0)
    }
    let inTables = wrong.filter(module.isInSegment)
    let order = inTables.isEmpty ? wrong : inTables
    return order.prefix(CallSiteFeedback.maximumTargets).enumerated().map {
      .init(function: $0.element, count: UInt64(1000 - $0.offset))
    }
  }
}

extension Module {
  fileprivate func isInSegment(_ function: Int) -> Bool {
    elements.contains { segment in
      segment.items.contains(.function(function))
    }
  }
}
