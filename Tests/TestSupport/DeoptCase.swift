import AOT
import Contract
import Feedback
import Forcing
import Runtime
import Speculation
import Wasm
import WasmText

/// A module with a plan for it, to be run on the baseline and ahead-of-time compiled, so that both can be compared.
public final class DeoptCase: Sendable {
  /// An indirect call to speculate at: the n-th of an exported function, tail calls included, on exported functions.
  public struct Site: Sendable {
    public var function: String
    public var number: Int
    public var targets: [String]

    public init(_ function: String, _ number: Int = 0, _ targets: String...) {
      self.function = function
      self.number = number
      self.targets = targets
    }
  }

  /// How the artefact is made.
  public struct Kind: Sendable, CustomStringConvertible, CaseIterable {
    public var isShared: Bool
    public var guardKind: SitePlan.Guard?
    /// Whether the program's calls are made `call_ref`.
    public var isByReference: Bool

    public init(
      isShared: Bool, guardKind: SitePlan.Guard? = nil, isByReference: Bool = false
    ) {
      self.isShared = isShared
      self.guardKind = guardKind
      self.isByReference = isByReference
    }

    public static let allCases: [Kind] = [true, false].flatMap { isShared in
      [nil, .indexIfPristine, .reference].map { Kind(isShared: isShared, guardKind: $0) }
        + [Kind(isShared: isShared, guardKind: .reference, isByReference: true)]
    }
    public static let throughTables = allCases.filter { !$0.isByReference }
    public static let plain = Kind(isShared: true, guardKind: nil)

    public var description: String {
      (isShared ? ".so" : ".o") + " " + (guardKind.map { "\($0)" } ?? "cheapest guard")
        + (isByReference ? ", call_ref" : "")
    }
  }

  /// What one call came to.
  public enum Outcome: Equatable {
    case returned([Value])
    case trapped(TrapCode, [Place])
    /// Nothing caught an exception with these values.
    case threw([Value], [Place])

    /// Of a backtrace's frame; the tier is left out.
    public struct Place: Equatable, Sendable {
      public var function: Int
      public var byteOffset: Int

      public init(function: Int, byteOffset: Int) {
        self.function = function
        self.byteOffset = byteOffset
      }
    }
  }

  public let module: Module
  /// Of the calls to speculate at.
  public let call: Opcode
  public let plan: CompilationPlan
  public let profile: ModuleProfile
  public let artefactBytes: [UInt8]
  public let artefact: CompiledModule
  public let baseline: CompiledModule

  /// - Parameters:
  ///   - loopCount: what the profile counted at each loop; nil: there is no profile.
  ///   - baseline: functions that the compiler leaves to the baseline.
  ///   - cpu: as for `--cpu`.
  ///   - relaxed: what relaxed SIMD means; nil: what is fastest on `cpu`.
  ///   - includesBaseline: whether the artefact contains baseline code.
  public init(
    _ text: String, _ sites: [Site], kind: Kind = .plain, forcing: GuardForcing? = nil,
    loopCount: UInt64? = nil, baseline: [Int] = [], includesBaseline: Bool = true,
    cpu: String = "native", relaxed: RelaxedSemantics? = nil,
    adjust: (inout TestPlan) -> Void = { _ in }
  ) throws {
    module = try Module(
      validating: assemble(kind.isByReference ? callingByReference(text) : text))
    call = kind.isByReference ? .callRef : .callIndirect
    var targets: [Int: [Int]] = [:]
    for site in sites {
      let function = try module.named(site.function)
      let offsets = try module.indirectCalls(function: function).map(\.offset)
      targets[offsets[site.number]] = try site.targets.map(module.named)
    }
    var options = TestPlan(targets: targets, guardKind: kind.guardKind)
    adjust(&options)
    plan = try options.plan(module)
    profile =
      if let loopCount { try ModuleProfile(module, loopCount: loopCount) } else { ModuleProfile() }
    var compiler = CompilerOptions(cpu: CPUChoice(cpu)!, isShared: kind.isShared)
    // Tests run in many threads.
    compiler.usesProcesses = false
    compiler.isVerifying = true
    compiler.includesBaseline = includesBaseline
    compiler.relaxed = relaxed
    for function in baseline {
      compiler.baseline[function] = BaselineReason(.codeGeneratorFailed, "planted")
    }
    artefactBytes = try Compiler.compile(
      module, plan: plan, profile: profile, options: compiler)
    let loaded = try Artefact(bytes: artefactBytes, forcing: forcing)
    artefact = CompiledModule(artefact: loaded)
    self.baseline = CompiledModule(module, relaxed: loaded.manifest.relaxed)
  }
}

extension ModuleProfile {
  /// Every function was entered once, and every loop went round so often.
  fileprivate init(_ module: Module, loopCount: UInt64) throws {
    self.init()
    for function in module.importedFunctionCount..<module.functions.count {
      var feedback = FunctionProfile()
      feedback.entryCount = 1
      for loop in try module.offsets(of: .loop, function: function) {
        feedback.loops[loop] = loopCount
      }
      functions[function] = feedback
    }
  }
}

public struct NoSuchExport: Error { public var name: String }

extension Module {
  func named(_ name: String) throws -> Int {
    guard let index = function(exported: name) else { throw NoSuchExport(name: name) }
    return index
  }
}
