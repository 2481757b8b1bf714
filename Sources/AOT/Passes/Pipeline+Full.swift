/// The full tier: what LLVM's `default<O3>` does, in three parts, so that ``InvariantGuards`` runs right before induction variables
/// are simplified, and ``LoopMetadata`` right before the vectorizer. Left
/// out is what has nothing to do here: inlining and other passes over several functions (each function may be replaced, so LLVM
/// knows nothing about its body), coroutines, OpenMP, and passes for other processors or for options that are off.
extension Pipeline {
  /// In front of what knows about induction variables.
  static let scalar = function([
    "simplifycfg", "sroa", "early-cse", combine, simplifyCFG,
    // Where LLVM has its inliner, and runs these once for each function.
    "sroa", "early-cse<memssa>", "jump-threading", "correlated-propagation", simplifyCFG, combine,
    "aggressive-instcombine", "tailcallelim", simplifyCFG, "reassociate", "constraint-elimination",
    "loop-mssa(loop-instsimplify,loop-simplifycfg,licm<no-allowspeculation>,loop-rotate,licm)",
    "loop(\(unswitchAll))",
    simplifyCFG, combine,
  ])

  /// In front of the vectorizer.
  static let induction = function([
    "loop(loop-idiom,indvars,\(unswitchAll),loop-deletion,loop-unroll-full)",
    "sroa", "vector-combine", "mldst-motion", "gvn", "sccp", "bdce", combine,
    "jump-threading", "correlated-propagation", "adce", "memcpyopt", "dse", "loop-mssa(licm)",
    "simplifycfg<switch-range-to-icmp;hoist-common-insts;sink-common-insts>", combine,
    "float2int", "lower-constant-intrinsics", "loop(loop-rotate,loop-deletion)",
  ])

  /// The vectorizer and what follows it.
  static let vectorize = function([
    "loop-vectorize", "infer-alignment", "loop-load-elim", combine,
    "simplifycfg<forward-switch-cond;switch-range-to-icmp;switch-to-lookup;no-keep-loops;hoist-common-insts;sink-common-insts>",
    "vector-combine", combine, "loop-unroll<O3>", "sroa<preserve-cfg>", "infer-alignment", combine,
    "loop-mssa(licm)", "loop-sink", "instsimplify", "div-rem-pairs", "tailcallelim",
    "simplifycfg<switch-range-to-icmp;speculate-unpredictables>",
  ])

  private static let simplifyCFG = "simplifycfg<switch-range-to-icmp>"
  private static let unswitchAll = "simple-loop-unswitch<nontrivial;trivial>"
}
