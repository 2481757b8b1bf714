/// Which of the two published interfaces a module imports; they differ in a few layouts and numbers.
public enum WASIVersion: String, Sendable, CaseIterable {
  case preview1 = "wasi_snapshot_preview1"
  case unstable = "wasi_unstable"
}

/// The operations that a descriptor allows (witx `$rights`; the bit order is the specification's).
public struct WASIRights: OptionSet, Sendable, Hashable {
  /// A bit for each right.
  public let rawValue: UInt64

  /// Rights by their bits.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  private init(bit: Int) { self.init(rawValue: 1 << UInt64(bit)) }

  /// `fd_datasync`.
  public static let fdDatasync = Self(bit: 0)
  /// `fd_read`.
  public static let fdRead = Self(bit: 1)
  /// `fd_seek`.
  public static let fdSeek = Self(bit: 2)
  /// `fd_fdstat_set_flags`.
  public static let fdFdstatSetFlags = Self(bit: 3)
  /// `fd_sync`.
  public static let fdSync = Self(bit: 4)
  /// `fd_tell`.
  public static let fdTell = Self(bit: 5)
  /// `fd_write`.
  public static let fdWrite = Self(bit: 6)
  /// `fd_advise`.
  public static let fdAdvise = Self(bit: 7)
  /// `fd_allocate`.
  public static let fdAllocate = Self(bit: 8)
  /// `path_create_directory`.
  public static let pathCreateDirectory = Self(bit: 9)
  /// `path_create_file`.
  public static let pathCreateFile = Self(bit: 10)
  /// `path_link_source`.
  public static let pathLinkSource = Self(bit: 11)
  /// `path_link_target`.
  public static let pathLinkTarget = Self(bit: 12)
  /// `path_open`.
  public static let pathOpen = Self(bit: 13)
  /// `fd_readdir`.
  public static let fdReaddir = Self(bit: 14)
  /// `path_readlink`.
  public static let pathReadlink = Self(bit: 15)
  /// `path_rename_source`.
  public static let pathRenameSource = Self(bit: 16)
  /// `path_rename_target`.
  public static let pathRenameTarget = Self(bit: 17)
  /// `path_filestat_get`.
  public static let pathFilestatGet = Self(bit: 18)
  /// `path_filestat_set_size`.
  public static let pathFilestatSetSize = Self(bit: 19)
  /// `path_filestat_set_times`.
  public static let pathFilestatSetTimes = Self(bit: 20)
  /// `fd_filestat_get`.
  public static let fdFilestatGet = Self(bit: 21)
  /// `fd_filestat_set_size`.
  public static let fdFilestatSetSize = Self(bit: 22)
  /// `fd_filestat_set_times`.
  public static let fdFilestatSetTimes = Self(bit: 23)
  /// `path_symlink`.
  public static let pathSymlink = Self(bit: 24)
  /// `path_remove_directory`.
  public static let pathRemoveDirectory = Self(bit: 25)
  /// `path_unlink_file`.
  public static let pathUnlinkFile = Self(bit: 26)
  /// `poll_fd_readwrite`.
  public static let pollFdReadwrite = Self(bit: 27)
  /// `sock_shutdown`.
  public static let sockShutdown = Self(bit: 28)
  /// `sock_accept`.
  public static let sockAccept = Self(bit: 29)

  /// Every right.
  public static let all = Self(rawValue: (1 << 30) - 1)

  /// Those that mean something for a directory, a file, a terminal or pipe, a socket.
  package static let directory: Self = [
    .fdFdstatSetFlags, .fdDatasync, .fdSync, .fdAdvise, .fdReaddir, .fdFilestatGet,
    .fdFilestatSetTimes, .pathCreateDirectory, .pathCreateFile, .pathLinkSource, .pathLinkTarget,
    .pathOpen, .pathReadlink, .pathRenameSource, .pathRenameTarget, .pathFilestatGet,
    .pathFilestatSetSize, .pathFilestatSetTimes, .pathSymlink, .pathRemoveDirectory,
    .pathUnlinkFile, .pollFdReadwrite,
  ]
  package static let file: Self = [
    .fdDatasync, .fdRead, .fdSeek, .fdFdstatSetFlags, .fdSync, .fdTell, .fdWrite, .fdAdvise,
    .fdAllocate, .fdFilestatGet, .fdFilestatSetSize, .fdFilestatSetTimes, .pollFdReadwrite,
  ]
  /// Without seek and tell: that is how a guest's `isatty` knows a terminal.
  package static let stream: Self = file.subtracting([.fdSeek, .fdTell])
  package static let socket: Self = [
    .fdRead, .fdWrite, .fdFdstatSetFlags, .fdFilestatGet, .pollFdReadwrite, .sockShutdown,
    .sockAccept,
  ]
}

/// witx `$fdflags` of ``WASIVersion/preview1``; the old interface's are the same.
package struct FDFlags: OptionSet, Sendable {
  package let rawValue: UInt16

  package init(rawValue: UInt16) { self.rawValue = rawValue }

  package static let append = Self(rawValue: 1)
  package static let dsync = Self(rawValue: 2)
  package static let nonblock = Self(rawValue: 4)
  package static let rsync = Self(rawValue: 8)
  package static let sync = Self(rawValue: 16)
  package static let all = Self(rawValue: 31)
}

package struct OpenFlags: OptionSet, Sendable {
  package let rawValue: UInt16

  package init(rawValue: UInt16) { self.rawValue = rawValue }

  package static let create = Self(rawValue: 1)
  package static let directory = Self(rawValue: 2)
  package static let exclusive = Self(rawValue: 4)
  package static let truncate = Self(rawValue: 8)
  package static let all = Self(rawValue: 15)
}

/// witx `$filetype`.
public enum WASIFileType: UInt8, Sendable {
  case unknown, blockDevice, characterDevice, directory, regularFile, socketDgram, socketStream
  case symbolicLink
}

/// witx `$clockid`.
public enum WASIClockID: UInt32, Sendable, CaseIterable {
  case realtime, monotonic, processCPUTime, threadCPUTime
}
