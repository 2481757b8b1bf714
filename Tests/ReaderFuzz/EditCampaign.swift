#if !LIBFUZZER
  import CProcess
  import Glibc
  import TestSupport

  /// Tries edits of an artefact's tables one after the other, in processes of their own, which may crash.
  struct EditCampaign {
    private let program: HostileProgram
    private let edits: [HostileEdit]
    /// The number of the edit that is being tried, then how many came to each verdict.
    private let shared: UnsafeMutablePointer<Int>

    /// - Parameter step: each so many-th edit is tried.
    init(_ program: HostileProgram, step: Int) {
      self.program = program
      edits = stride(from: 0, to: program.edits.count, by: step).map { program.edits[$0] }
      guard let memory = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
        memory != MAP_FAILED
      else { fatalError("no memory") }
      // Page-aligned, and more than the verdicts' numbers need.
      shared = memory.bindMemory(to: Int.self, capacity: 512)
    }

    /// - Returns: whether nothing crashed.
    func run() -> Bool {
      guard program.verdict(program.original.sealed(), limit: nil) == .right else {
        print("\(program.name): the sound artefact does not run right")
        return false
      }
      var crashes = 0
      shared[0] = 0
      while shared[0] < edits.count {
        fflush(nil)
        let child = wpgo_fork()
        if child == 0 { runBatch() }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        guard child < 0 || status != 0 else { continue }
        print("\(program.name): signal \(status & 0x7F) at \(edits[shared[0]])")
        crashes += 1
        shared[0] += 1
      }
      let counts = HostileProgram.Verdict.allCases.map { "\(shared[1 + $0.rawValue]) \($0)" }
      print(
        "\(program.name): \(edits.count) edits, \(counts.joined(separator: ", ")), "
          + "\(crashes) crashed")
      return crashes == 0
    }

    /// Some edits, so that what they leave behind in the process stays small.
    private func runBatch() -> Never {
      let end = min(edits.count, shared[0] + 200)
      while shared[0] < end {
        let edit = edits[shared[0]]
        let surgery = edit.applied(to: program.original)
        // What only the code's seal guards is read and not run.
        _ = program.verdict(surgery.sealed(withCode: true), isRun: false)
        let verdict = program.verdict(surgery.sealed(withCode: false))
        shared[1 + verdict.rawValue] += 1
        shared[0] += 1
      }
      wpgo_exit_child(0)
    }
  }
#endif
