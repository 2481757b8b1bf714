import Contract

extension Assembly {
  /// Section `.wpgo.handlers`, for linked code.
  func handlerTable(_ layout: CodeLayout) throws(CompileError) -> [UInt8] {
    var rows: [(row: HandlerFunction, sites: [HandlerSite])] = []
    for frame in outputs.flatMap(\.frames) {
      let start = try layout.code(frame.function).lowerBound
      rows.append(
        (
          HandlerFunction(code: UInt32(start), firstSite: 0, saved: frame.saved),
          frame.sites.map {
            HandlerSite(
              start: UInt32(start + $0.calls.lowerBound), end: UInt32(start + $0.calls.upperBound),
              pad: UInt32(start + $0.pad))
          }
        ))
    }
    rows.sort { $0.row.code < $1.row.code }
    return HandlerTable.encode(rows, end: UInt32(try optimizedEnd(layout)))
  }

  /// End of the optimized code; baseline code follows.
  func optimizedEnd(_ layout: CodeLayout) throws(CompileError) -> Int {
    var end = 0
    for function in plan.functions {
      for version in function.versions {
        end = max(end, try layout.code(function.function, version).upperBound)
      }
    }
    return end
  }
}
