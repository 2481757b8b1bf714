import Speculation

extension PlannerOptions {
  /// Optimizes everything that ran, with all deopts that are possible, and with generic versions and OSR entries for all that
  /// may need them, so that small programs exercise what large ones need.
  public static var thorough: PlannerOptions {
    var options = PlannerOptions()
    options.tuning.hotShare = 2
    options.tuning.coldFloor = 0
    options.tuning.middleShare = 2
    options.tuning.genericShare = 0
    options.tuning.osrShare = 0
    options.tuning.maximumSpeculativeSize = .max
    options.tuning.minimumBranchCount = 1
    options.tuning.minimumColdSize = 1
    return options
  }
}

extension CompilationPlan {
  /// Compiles all optimized functions in the tier that belongs to an optimization level, from 1 to 3.
  public mutating func setTiers(level: Int) {
    let tier: Speculation.Tier = level <= 1 ? .light : level == 2 ? .middle : .full
    for index in functions.indices where functions[index].tier != .baseline {
      functions[index].tier = tier
    }
  }

  /// The same plan in the tier of an optimization level.
  public func inTiers(level: Int) -> CompilationPlan {
    var plan = self
    plan.setTiers(level: level)
    return plan
  }
}
