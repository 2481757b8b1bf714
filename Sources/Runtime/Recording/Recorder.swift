import Feedback
import Files
import Glibc
import Synchronization
import Wasm

// This folder: profiles of modules that run on the baseline.
//
//   Recorder             counts for all instances of a module
//   Recording            recorders of any number of modules
//   RecordingVariable    the recording that the environment asks for

/// Records the profile of a module: whatever its instances do, in any number of stores and threads.
///
///     let recorder = Recorder(module, path: "app.wasmprof")
///     let compiled = CompiledModule(recorder: recorder)
///     // … instantiate, call …
///     try recorder.finish()
///
/// The counters are in the profile's file itself, which is there from when the first instance's code is about to run. So it can be
/// read at any time and however the process ends. ``finish()`` replaces it by a compact one, and so does the end of the recorder,
/// which the compiled module and the stores of its instances keep.
///
/// Stores count apart, so that threads do not get in each other's way and nothing is lost. A store that is gone leaves its counters to
/// the next. Beyond ``maximumBlockCount`` stores at a time some share theirs; of what they count in the same instant some is lost.
///
/// A process that is forked from one that records has a profile of its own, with its number in the name (`app.4711.wasmprof`), from its first
/// instance on. Instances that were made before the fork go on counting in the parent's.
public final class Recorder: Sendable {
  /// What is recorded.
  public let module: Module
  /// The profile's file in the process that made the recorder.
  private let name: HostString?
  package let layout: FeedbackLayout
  /// Gets what goes wrong with the file, of which nobody else is told. Nil: it is thrown by instantiation.
  private let report: (@Sendable (ProfileError) -> Void)?
  private let state: Mutex<State>

  /// Blocks of counters that there are at most.
  public static let maximumBlockCount = CountersFile.maximumBlockCount

  private struct Block {
    let address: UInt
    /// Whose it is.
    let process: pid_t
    var users = 0
  }

  private struct State: ~Copyable {
    /// What follows is this process's, but for blocks that say otherwise.
    var process = getpid()
    var path: HostString?
    /// Has the blocks; nil if there is none, or not yet.
    var file: CountersFile?
    /// Was reported.
    var error: ProfileError?
    var isFinished = false
    var blocks: [Block] = []
    /// Not in a file.
    var ownBlocks: [UInt] = []
    /// Have blocks of processes that this one was forked from.
    var inherited: [CountersFile] = []

    init(path: HostString?) { self.path = path }

    /// To be called before anything else: a process that was forked begins anew.
    mutating func enter(_ name: HostString?) {
      let current = getpid()
      guard process != current else { return }
      process = current
      path = name.map { ProfileName.suffixed($0, process: current) }
      if let file { inherited.append(file) }
      file = nil
      error = nil
      isFinished = false
    }

    deinit { for block in ownBlocks { free(UnsafeMutableRawPointer(bitPattern: block)) } }
  }

  /// - Parameters:
  ///   - module: must be valid (`Module(validating:)`).
  ///   - path: of the profile, whose place it takes. Nil: only ``profile()`` has it.
  public convenience init(_ module: Module, path: HostString? = nil) {
    self.init(module, path: path, report: nil)
  }

  /// - Parameter report: gets errors of the file; without it they are thrown by what makes instances.
  init(
    _ module: Module, path: HostString?, report: (@Sendable (ProfileError) -> Void)?
  ) {
    self.module = module
    name = path
    state = Mutex(State(path: path))
    self.report = report
    layout = FeedbackLayout(module)
  }

  deinit {
    // If it fails, the counters stay where the profile would be, and are as good.
    if !state.withLock({ $0.isFinished }) { try? finish() }
  }

  /// The profile's file in this process; nil: there is none.
  public var path: HostString? {
    state.withLock {
      $0.enter(name)
      return $0.path
    }
  }

  /// What this process counted so far: a snapshot, while stores run on.
  public func profile() throws(ProfileError) -> ProfileFile {
    let addresses = state.withLock { state in
      state.enter(name)
      return state.blocks.filter { $0.process == state.process }.map(\.address)
    }
    // Each is as large as the layout says, and lives as long as `self`.
    let blocks = addresses.map {
      CounterBlock(UnsafeRawBufferPointer(start: .init(bitPattern: $0), count: layout.size))
    }
    return try ProfileFile(module: module, layout: layout, blocks: blocks)
  }

  /// Puts the compact profile in the place of the counters, if an instance was made. It has what was counted so far; for more, call this again
  /// later: from now on, nobody else does.
  public func finish() throws(ProfileError) {
    let path = state.withLock { state in
      state.enter(name)
      return state.file?.isPublished == true ? state.path : nil
    }
    guard let path else { return }
    try profile().write(path: path)
    state.withLock { $0.isFinished = true }
  }

  // MARK: Stores

  /// A block of counters for a store to use.
  /// - Throws: if the file cannot be made.
  func share() throws(ProfileError) -> CounterShare {
    let (number, shared) = try state.withLock { state throws(ProfileError) in
      state.enter(name)
      let number = try block(&state)
      state.blocks[number].users += 1
      return (number, state.blocks[number])
    }
    return CounterShare(
      recorder: self, number: number, address: shared.address, process: shared.process)
  }

  /// The number of one that nobody uses, or as few as possible.
  private func block(_ state: inout State) throws(ProfileError) -> Int {
    let (all, process) = (state.blocks, state.process)
    let own = all.indices.filter { all[$0].process == process }
    let fewest = own.min { all[$0].users < all[$1].users }
    if let fewest {
      let isFull = own.count == Self.maximumBlockCount
      if isFull || all[fewest].users == 0 { return fewest }
    }
    let address: UInt
    do throws(ProfileError) {
      address = try addBlock(&state)
    } catch {
      // No room for another.
      if let fewest { return fewest }
      throw error
    }
    state.blocks.append(Block(address: address, process: process))
    return state.blocks.count - 1
  }

  private func addBlock(_ state: inout State) throws(ProfileError) -> UInt {
    if let path = state.path, state.error == nil {
      do throws(ProfileError) {
        if let file = state.file { return UInt(bitPattern: try file.addBlock()) }
        let file = try CountersFile(preparing: path, module: module, layout: layout)
        let block = UInt(bitPattern: try file.addBlock())
        state.file = file
        return block
      } catch {
        guard state.file == nil, let report else { throw error }
        state.error = error
        report(error)
      }
    }
    // Costs nothing until it is used.
    guard let block = calloc(max(8, layout.size), 1) else { fatalError("out of memory") }
    state.ownBlocks.append(UInt(bitPattern: block))
    return UInt(bitPattern: block)
  }

  fileprivate func giveBack(_ number: Int) { state.withLock { $0.blocks[number].users -= 1 } }

  /// To be called before code of an instance runs: puts the file in its place.
  func begin() throws(ProfileError) {
    try state.withLock { state throws(ProfileError) in
      state.enter(name)
      guard state.error == nil, let file = state.file else { return }
      do throws(ProfileError) { try file.publish() } catch {
        guard let report else { throw error }
        state.error = error
        report(error)
      }
    }
  }
}

/// What a store has of a ``Recorder``, which it keeps, for as long as this is kept.
final class CounterShare {
  private let recorder: Recorder
  private let number: Int
  /// `layout.size` bytes.
  let address: UInt
  private let process: pid_t

  fileprivate init(recorder: Recorder, number: Int, address: UInt, process: pid_t) {
    self.recorder = recorder
    self.number = number
    self.address = address
    self.process = process
  }

  /// Whether new instances may count there: not in a process that was forked since.
  var isOwn: Bool { process == getpid() }

  deinit { recorder.giveBack(number) }
}
