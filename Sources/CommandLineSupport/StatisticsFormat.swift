import ArgumentParser
import Files

/// How `--stats` prints.
public enum StatisticsFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json

  /// `--stats` alone means `--stats=text`: the parser does not support options with an optional value.
  public static func expand(_ arguments: [HostString]) -> [HostString] {
    let formats = allCases.map { HostString($0.rawValue) }
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    return arguments.enumerated().map { index, argument in
      guard index < end, argument == "--stats" else { return argument }
      let hasFormat = index + 1 < end && formats.contains(arguments[index + 1])
      return hasFormat ? argument : "--stats=text"
    }
  }
}
