import Foundation
import TestSupport
import Testing

/// A mount namespace of its own: /proc away, small disks. As root, or with user namespaces; elsewhere such tests are skipped, and say so.
enum Isolation {
  static let skipped: Comment = "needs root or user namespaces, for mounts of its own"

  private static let prefix: String? = {
    guard let command = try? TemporaryFolder().command else { return nil }
    return ["unshare -m", "unshare -rm"].first {
      (try? command.shell("\($0) sh -c 'mount -t tmpfs none /mnt'"))?.status == 0
    }
  }()

  static var isPossible: Bool { prefix != nil }

  /// Runs a shell's script, in which `$pgo` is the executable.
  static func shell(_ command: Command, _ script: String) throws -> Command.Outcome {
    var command = command
    command.environment["script"] = script
    return try command.shell("exec \(prefix ?? "false") sh -c \"$script\"")
  }

  /// Without /proc, as in a container's or a chroot's bare root.
  static func withoutProc(_ command: Command, _ script: String) throws -> Command.Outcome {
    try shell(command, "mount -t tmpfs none /proc || exit 99\n\(script)")
  }

  /// In a directory on a disk of `size`, with copies of what was in the command's.
  static func onSmallDisk(
    _ command: Command, size: String, _ script: String
  ) throws -> Command.Outcome {
    try shell(
      command,
      """
      here=$PWD
      mount -t tmpfs -o size=\(size) none /mnt || exit 99
      cp -r "$here"/* /mnt && cd /mnt
      \(script)
      """)
  }

  static let isRoot = geteuid() == 0
}
