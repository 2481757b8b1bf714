extension TrapPair {
  /// Iterations: enough for the widest vectors, which take 128 bytes at once, four times.
  private var iterations: Int {
    switch shape {
    case .straight: 3
    case .vectorizable: 600
    default: 201
    }
  }

  /// What `$i` is, in order of execution.
  private func counter(_ iteration: Int, of count: Int) -> Int {
    shape == .down ? count - 1 - iteration : iteration
  }

  /// In no iteration.
  private static let never = -1

  /// What `$c` usually is: guards hold, second exits are not taken, the unswitched condition is true.
  private var usual: Int { shape == .unswitchable ? 1 : Self.never }

  private func call(
    _ number: Int, count: Int, trapping: Int = never, address: Int = 8192, effect: Int = 1024,
    condition: Int? = nil
  ) -> TrapProgram.Call {
    TrapProgram.Call(
      Self.export(number),
      [count, trapping, address, effect, condition ?? usual].map {
        .i32(Int32(truncatingIfNeeded: $0))
      } + [.externref(7)])
  }

  /// Nothing traps, and the loops go round often enough to be worth checks in front of them.
  func training(number: Int) -> [TrapProgram.Call] {
    [60, 99].map { call(number, count: shape == .straight ? 3 : $0, address: harmlessAddress) }
  }

  /// An `$o` with which nothing traps.
  private var harmlessAddress: Int {
    switch form {
    case .descending: 8192 + iterations * access.size
    case .offset: 64
    case .ascending, .invariant: 8192
    }
  }

  func calls(number: Int) -> [TrapProgram.Call] {
    var result = training(number: number)
    let counts = shape == .straight ? [3] : [iterations, 39]
    for count in counts {
      // Behind the last: nothing traps.
      for iteration in [0, 1, count / 2, count - 1, count] {
        for isAllBeyond in [false, true] where trap.hasAddress || !isAllBeyond {
          result += trapping(number, count, iteration, isAllBeyond)
        }
      }
    }
    result += effectTraps(number)
    return result
  }

  /// The trap in an iteration; also with the condition changed before, at and behind it.
  private func trapping(
    _ number: Int, _ count: Int, _ iteration: Int, _ isAllBeyond: Bool
  ) -> [TrapProgram.Call] {
    let i = counter(iteration, of: count)
    var calls: [TrapProgram.Call] = []
    // The page that `memory.grow` adds may be there, or not yet.
    let sizes = effect == .memoryGrow ? [65_536, 131_072] : [65_536]
    for size in trap.hasAddress ? sizes : [0] {
      let address = trap.hasAddress ? address(trappingAt: i, isAllBeyond, size) : 8192
      func make(_ condition: Int?) -> TrapProgram.Call {
        call(
          number, count: count, trapping: trap.hasAddress ? Self.never : i, address: address,
          condition: condition)
      }
      calls.append(make(nil))
      guard !isAllBeyond, iteration == count / 2 else { continue }
      switch shape {
      case .unswitchable: calls.append(make(0))
      case .guarded, .twoExits, .peeled: calls += [i - 1, i, i + 1].map { make($0) }
      default: break
      }
    }
    return calls
  }

  /// The address `$o` with which the access of iteration `i` is the first that leaves a memory: with its last byte only, or with all.
  private func address(trappingAt i: Int, _ isAllBeyond: Bool, _ length: Int) -> Int {
    let step = shape == .down ? -addressStep : addressStep
    // Going down, addresses pass zero and wrap.
    let place =
      step < 0
      ? (isAllBeyond ? -access.size : -1)
      : length - (isAllBeyond ? 0 : access.size - 1)
    let start = place - i * addressStep
    return step < 0 ? start : start - offset
  }

  /// The effect's own access is the one that leaves the memory.
  private func effectTraps(_ number: Int) -> [TrapProgram.Call] {
    guard let (step, size) = effectBytes else { return [] }
    let count = iterations
    return [0, count / 2, count - 1].map { iteration in
      let i = counter(iteration, of: count)
      let place = shape == .down ? -1 : 65_536 - size + 1
      return call(number, count: count, address: harmlessAddress, effect: place - i * step)
    }
  }
}

extension TrapProgram {
  /// Members of the family in one module, each a case.
  public init(_ pairs: [TrapPair]) {
    self.init(
      TrapPair.module(pairs),
      training: pairs.indices.flatMap { pairs[$0].training(number: $0) },
      cases: pairs.indices.map { Case("\(pairs[$0])", pairs[$0].calls(number: $0)) })
  }
}
