/// What a module may not exceed (spec appendix A.2). The numbers are those that the JavaScript API
/// fixes for web browsers (its section 8.1), except where a comment says otherwise.
public enum ImplementationLimits {
  /// Bytes of a module.
  public static let moduleSize = 1 << 30
  /// Types, and recursion groups.
  public static let types = 1_000_000
  /// Fields of a structure.
  public static let fields = 10_000
  /// Supertypes above a type.
  public static let subtypingDepth = 63
  /// Functions, imports included.
  public static let functions = 1_000_000
  /// Imports of all kinds.
  public static let imports = 1_000_000
  /// Exports of all kinds.
  public static let exports = 1_000_000
  /// Globals, imports included.
  public static let globals = 1_000_000
  /// Tables, imports included.
  public static let tables = 100_000
  /// Pages of 64 KiB of a memory with addresses of 64 bits: modules may declare more, but no runtime makes or grows a memory beyond
  /// this unless it is told to.
  public static let memoryPages = 262_144
  /// Memories, imports included.
  public static let memories = 100
  /// Tags, imports included.
  public static let tags = 1_000_000
  /// Data segments.
  public static let dataSegments = 100_000
  /// Not in the JavaScript API; as many as there may be elements in one.
  public static let elementSegments = 10_000_000
  /// Parameters of a function or block type.
  public static let parameters = 1_000
  /// Results of a function or block type.
  public static let results = 1_000
  /// Bytes of a code entry, local declarations included.
  public static let functionSize = 7_654_321
  /// Parameters included.
  public static let locals = 50_000
  /// Elements of a segment, and of a table: a module may declare more (the test suite has one that does), but
  /// no runtime makes or grows a table beyond this.
  public static let tableSize = 10_000_000
  /// Blocks open at once, so that compilers may keep one record for each. Our own: the
  /// JavaScript API has none.
  public static let nesting = 50_000
}
