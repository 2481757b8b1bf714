/// The text format's nested lists, as far as taking some away needs them.
indirect enum Expression: Equatable {
  case atom(String)
  case list([Expression])

  /// - Returns: nil if brackets do not match. Comments are not understood: a ``FuzzProgram`` has none.
  init?(_ text: String) {
    var open: [[Expression]] = [[]]
    var rest = text.utf8[...]
    while let first = rest.first {
      switch first {
      case UInt8(ascii: " "), UInt8(ascii: "\n"): rest.removeFirst()
      case UInt8(ascii: "("):
        open.append([])
        rest.removeFirst()
      case UInt8(ascii: ")"):
        guard open.count > 1 else { return nil }
        let items = open.removeLast()
        open[open.count - 1].append(.list(items))
        rest.removeFirst()
      default:
        let atom = Self.atom(&rest)
        open[open.count - 1].append(.atom(atom))
      }
    }
    guard open.count == 1, open[0].count == 1 else { return nil }
    self = open[0][0]
  }

  private static func atom(_ rest: inout Substring.UTF8View) -> String {
    var count = 1
    if rest.first == UInt8(ascii: "\"") {
      count += rest.dropFirst().prefix { $0 != UInt8(ascii: "\"") }.count + 1
    } else {
      count = rest.prefix { !" \n()".utf8.contains($0) }.count
    }
    defer { rest = rest.dropFirst(count) }
    return String(decoding: rest.prefix(count), as: UTF8.self)
  }

  var items: [Expression] {
    get { if case .list(let items) = self { items } else { [] } }
    set { self = .list(newValue) }
  }

  /// The word after the bracket.
  var head: String? {
    if case .atom(let text)? = items.first { text } else { nil }
  }

  // MARK: Places

  /// Of an expression inside of this one: the number at each level.
  typealias Path = [Int]

  subscript(path: ArraySlice<Int>) -> Expression {
    get { path.first.map { items[$0][path.dropFirst()] } ?? self }
    set {
      guard let first = path.first else {
        self = newValue
        return
      }
      var copy = items
      copy[first][path.dropFirst()] = newValue
      self = .list(copy)
    }
  }

  /// - Returns: nil if there is no such list.
  func at(_ path: Path) -> Expression? {
    var found = self
    for number in path {
      guard number < found.items.count, case .list = found.items[number] else { return nil }
      found = found.items[number]
    }
    return found
  }

  /// All lists inside, outer ones first.
  func paths(_ prefix: Path = []) -> [Path] {
    items.indices.flatMap { index -> [Path] in
      guard case .list = items[index] else { return [] }
      return [prefix + [index]] + items[index].paths(prefix + [index])
    }
  }

  // MARK: Text

  /// One line for each field of a module, and for each instruction of a function that is not inside another.
  func text(_ depth: Int = 0) -> String {
    switch self {
    case .atom(let text): return text
    case .list(let items):
      let isBroken = depth == 0 || head == "func" && depth == 1
      var text = ""
      for item in items {
        if case .list = item, isBroken {
          text += "\n" + String(repeating: "  ", count: depth + 1) + item.text(depth + 1)
        } else {
          text += (text.isEmpty ? "" : " ") + item.text(depth + 1)
        }
      }
      return "(" + text + ")"
    }
  }
}
