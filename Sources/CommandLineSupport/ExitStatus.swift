/// Exit codes of the commands, after sysexits.h where it has one. A guest's own code is passed on as it is.
public enum ExitStatus: Int32, Sendable, CaseIterable {
  /// Wrong options or arguments (EX_USAGE).
  case usage = 64
  /// A module, profile or artefact that is damaged or not valid (EX_DATAERR).
  case badInput = 65
  /// An input file that cannot be opened (EX_NOINPUT).
  case missingInput = 66
  /// A sound artefact, made for another machine or version; or a program that compiling needs, the linker, is not there
  /// (EX_UNAVAILABLE).
  case incompatible = 69
  /// An internal error of this program (EX_SOFTWARE).
  case internalError = 70
  /// An output file that cannot be created (EX_CANTCREAT).
  case cannotCreate = 73
  /// Writing failed half-way (EX_IOERR).
  case outputError = 74
  /// The profile matches less of the module than `--require-profile-match` asks for.
  case profileMismatch = 79
  /// The guest, or the compiler, ran longer than `--timeout` (as timeout(1)).
  case timeout = 124
  /// The guest trapped, or did not catch an exception (128 + SIGABRT).
  case trap = 134

  /// As a command's help shows them.
  /// - Parameter own: what the command ends with otherwise.
  public static func table(_ own: String) -> String {
    """
    EXIT CODES:
      \(own), or
      64  usage                      70  internal error
      65  bad module, profile or     73  cannot create output
          artefact                   74  cannot write output
      66  missing input              79  profile does not match
      69  incompatible artefact,     124 timeout
          or no linker               134 trap, or uncaught
                                         exception
    """
  }

  /// For commands that run a guest.
  public static let guestTable = table("the guest's own")
}
