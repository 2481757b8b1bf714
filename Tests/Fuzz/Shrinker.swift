import TestSupport
import Wasm
import WasmText

/// Makes a failing program smaller for as long as it fails in the same way: fewer calls, functions, instructions. What is
/// taken away need not make sense; what does not validate is not tried.
struct Shrinker {
  private(set) var failure: FuzzFailure
  /// Programs run.
  private(set) var attempts = 0
  private let end: Duration

  /// - Parameter limit: processor time after which nothing smaller is tried.
  init(_ failure: FuzzFailure, limit: Duration = .seconds(120)) {
    self.failure = failure
    end = ProcessorTime.ofProcesses + limit
  }

  /// - Returns: the smallest program found.
  mutating func run() -> FuzzProgram {
    var size = Int.max
    // What one pass took away may let another take more.
    while failure.program.file.utf8.count < size && !isLate {
      size = failure.program.file.utf8.count
      // What saves most comes first: each further trial is then faster.
      for part in [\Self.library, \Self.main] { shrinkBodies(part) }
      shrinkCalls()
      for part in [\Self.library, \Self.main] {
        shrinkFields(part)
        shrinkExpressions(part)
      }
    }
    return failure.program
  }

  private var isLate: Bool { ProcessorTime.ofProcesses > end }

  private mutating func accept(_ program: FuzzProgram) -> Bool {
    guard !isLate, program != failure.program else { return false }
    for text in [program.text, program.library].compactMap({ $0 }) {
      guard let bytes = try? assemble(text), (try? Module(validating: bytes)) != nil else {
        return false
      }
    }
    attempts += 1
    var candidate = failure
    candidate.program = program
    guard candidate.finding() != nil else { return false }
    failure = candidate
    return true
  }

  // MARK: Calls

  private mutating func shrinkCalls() {
    for list in [\FuzzProgram.calls, \FuzzProgram.training] {
      _ = minimized(failure.program[keyPath: list]) { rest in
        var program = failure.program
        program[keyPath: list] = rest
        return accept(program)
      }
    }
  }

  // MARK: Modules

  /// Text is read anew whenever it is asked for: each change is one of the text.
  private var main: Expression? {
    get { Expression(failure.program.text) }
    set {}
  }

  private var library: Expression? {
    get { failure.program.library.flatMap { Expression($0) } }
    set {}
  }

  private mutating func accept(_ module: Expression, _ part: WritableKeyPath<Self, Expression?>)
    -> Bool
  {
    var program = failure.program
    if part == \Self.main { program.text = module.text() } else { program.library = module.text() }
    return accept(program)
  }

  /// Each function that can do without one gets a body that returns zeros.
  private mutating func shrinkBodies(_ part: WritableKeyPath<Self, Expression?>) {
    guard let module = self[keyPath: part] else { return }
    for index in module.items.indices where module.items[index].head == "func" {
      guard var module = self[keyPath: part], index < module.items.count else { return }
      let function = module.items[index]
      let head = function.items.prefix { $0.isFunctionHead }
      let zeros =
        results(function, in: module).map {
          Expression.list([.atom("\($0).const"), .atom("0")])
        } + [Expression.list(["v128.const", "i64x2", "0", "0"].map { .atom($0) })]
      guard function.items.count > head.count + zeros.count else { continue }
      module[[index]] = .list(Array(head) + zeros)
      _ = accept(module, part)
    }
  }

  private func results(_ function: Expression, in module: Expression) -> [String] {
    let type = function.items.first { $0.head == "type" }?.items.last
    let definition = module.items.first { $0.head == "type" && $0.items[1] == type }?.items.last
    return (definition ?? function).items.filter { $0.head == "result" }.flatMap {
      $0.items.dropFirst().map { $0.text() }
    }
  }

  /// Fields of the module, then instructions of each function.
  private mutating func shrinkFields(_ part: WritableKeyPath<Self, Expression?>) {
    guard let module = self[keyPath: part] else { return }
    _ = minimized(Array(module.items.dropFirst())) { accept(.list([.atom("module")] + $0), part) }
    for index in module.items.indices.reversed() {
      guard let module = self[keyPath: part], index < module.items.count,
        module.items[index].head == "func"
      else { continue }
      let items = module.items[index].items
      let head = Array(items.prefix { $0.isFunctionHead })
      _ = minimized(Array(items.dropFirst(head.count))) { rest in
        var changed = module
        changed[[index]] = .list(head + rest)
        return accept(changed, part)
      }
      guard let changed = self[keyPath: part], index < changed.items.count else { continue }
      let inner = changed.items[index].paths([index]).filter {
        ["block", "loop", "then", "else"].contains(changed[$0[...]].head)
      }
      // Inner ones last: the places of the others stay.
      for path in [[index]] + inner { shrinkStretches(path, part) }
    }
  }

  /// Stretches of instructions that go together: operands, a call, and what takes its results.
  private mutating func shrinkStretches(
    _ path: Expression.Path, _ part: WritableKeyPath<Self, Expression?>
  ) {
    var start = 1
    while let module = self[keyPath: part], let list = module.at(path), start < list.items.count {
      let items = list.items
      guard !items[start].isFunctionHead else {
        start += 1
        continue
      }
      let isShorter = (2...24).reversed().contains { length in
        guard start + length <= items.count else { return false }
        var changed = module
        changed[path[...]] = .list(Array(items[..<start] + items[(start + length)...]))
        return accept(changed, part)
      }
      if !isShorter { start += 1 }
    }
  }

  /// Each expression becomes a constant, or one of its operands.
  private mutating func shrinkExpressions(_ part: WritableKeyPath<Self, Expression?>) {
    guard let module = self[keyPath: part] else { return }
    var paths = module.paths().filter { $0.count > 1 && module.items[$0[0]].head == "func" }
    while let path = paths.first {
      paths.removeFirst()
      guard let module = self[keyPath: part], let old = module.at(path) else { continue }
      guard !old.isFunctionHead, old.head.map({ !$0.hasSuffix(".const") }) ?? true else { continue }
      let constants =
        ["i32", "i64", "f32", "f64"].map {
          Expression.list([.atom("\($0).const"), .atom("0")])
        } + [Expression.list(["v128.const", "i64x2", "0", "0"].map { .atom($0) })]
      let operands = old.items.filter { if case .list = $0 { true } else { false } }
      let isChanged = (constants + operands).contains { new in
        var changed = module
        changed[path[...]] = new
        return accept(changed, part)
      }
      // What was inside is gone.
      if isChanged { paths.removeAll { $0.starts(with: path) } }
    }
  }
}

extension Expression {
  /// What stands in a function before its instructions.
  fileprivate var isFunctionHead: Bool {
    switch self {
    case .atom(let text): text == "func" || text.hasPrefix("$") || text.hasPrefix("\"")
    case .list: ["export", "type", "param", "result", "local"].contains(head)
    }
  }
}
