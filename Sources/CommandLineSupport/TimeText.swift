/// A time as an option takes it: seconds (0.5), or with ms, s, m, h; at most a hundred years.
/// - Returns: nil for anything else.
public func duration(_ text: String) -> Duration? {
  let units: [(name: String, seconds: Double)] = [
    ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600),
  ]
  let unit = units.first { text.hasSuffix($0.name) }
  guard let number = Double(text.dropLast(unit?.name.count ?? 0)),
    case let seconds = number * (unit?.seconds ?? 1), (0...3.2e9).contains(seconds)
  else { return nil }
  return .seconds(seconds)
}
