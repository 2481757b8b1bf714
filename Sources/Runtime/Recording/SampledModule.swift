import Synchronization

/// Has one in so many instances of a module recorded, while all others run as usual: what recording costs is then as small a share of a
/// server's work as is wanted.
///
///     let sampled = SampledModule(CompiledModule(artefact: artefact), recorder: recorder, oneIn: 1000)
///     let instance = try Instance.instantiate(sampled.next(), in: store, imports: imports)
public final class SampledModule: Sendable {
  /// Of instances that are not recorded.
  public let usual: CompiledModule
  /// Of those that are.
  public let recorded: CompiledModule
  private let period: UInt64
  private let count = Atomic<UInt64>(0)

  /// - Parameters:
  ///   - recorder: of the same module, which must be valid (`Module(validating:)`); an artefact's need not have been checked.
  ///   - period: the first of so many instances is recorded, then the first of the next; at least 1.
  public init(_ usual: CompiledModule, recorder: Recorder, oneIn period: Int) {
    precondition(period >= 1, "one in \(period) instances")
    precondition(usual.module.hash == recorder.module.hash, "the recorder is of another module")
    self.usual = usual
    recorded = CompiledModule(recorder: recorder)
    self.period = UInt64(period)
  }

  /// What the next instance is to be made of. May be called by any thread.
  public func next() -> CompiledModule {
    let number = count.wrappingAdd(1, ordering: .relaxed).oldValue
    return number.isMultiple(of: period) ? recorded : usual
  }
}
