import Glibc

/// Error codes of preview 1, numbered as in its witx (`$errno`).
public enum WASIErrno: UInt16, Error, Sendable, CaseIterable {
  case success, tooBig, acces, addrinuse, addrnotavail, afnosupport, again, already, badf, badmsg
  case busy, canceled, child, connaborted, connrefused, connreset, deadlk, destaddrreq, dom, dquot
  case exist, fault, fbig, hostunreach, idrm, ilseq, inprogress, intr, inval, io
  case isconn, isdir, loop, mfile, mlink, msgsize, multihop, nametoolong, netdown, netreset
  case netunreach, nfile, nobufs, nodev, noent, noexec, nolck, nolink, nomem, nomsg
  case noprotoopt, nospc, nosys, notconn, notdir, notempty, notrecoverable, notsock, notsup, notty
  case nxio, overflow, ownerdead, perm, pipe, proto, protonosupport, prototype, range, rofs
  case spipe, srch, stale, timedout, txtbsy, xdev, notcapable
}

extension WASIErrno {
  /// The code for one of the host's (Linux).
  package init(host code: Int32) { self = Self.byHostCode[code] ?? .io }

  private static let byHostCode: [Int32: WASIErrno] = [
    E2BIG: .tooBig, EACCES: .acces, EADDRINUSE: .addrinuse, EADDRNOTAVAIL: .addrnotavail,
    EAFNOSUPPORT: .afnosupport, EAGAIN: .again, EALREADY: .already, EBADF: .badf,
    EBADMSG: .badmsg, EBUSY: .busy, ECANCELED: .canceled, ECHILD: .child,
    ECONNABORTED: .connaborted, ECONNREFUSED: .connrefused, ECONNRESET: .connreset,
    EDEADLK: .deadlk, EDESTADDRREQ: .destaddrreq, EDOM: .dom, EDQUOT: .dquot, EEXIST: .exist,
    EFAULT: .fault, EFBIG: .fbig, EHOSTUNREACH: .hostunreach, EIDRM: .idrm, EILSEQ: .ilseq,
    EINPROGRESS: .inprogress, EINTR: .intr, EINVAL: .inval, EIO: .io, EISCONN: .isconn,
    EISDIR: .isdir, ELOOP: .loop, EMFILE: .mfile, EMLINK: .mlink, EMSGSIZE: .msgsize,
    EMULTIHOP: .multihop, ENAMETOOLONG: .nametoolong, ENETDOWN: .netdown, ENETRESET: .netreset,
    ENETUNREACH: .netunreach, ENFILE: .nfile, ENOBUFS: .nobufs, ENODEV: .nodev, ENOENT: .noent,
    ENOEXEC: .noexec, ENOLCK: .nolck, ENOLINK: .nolink, ENOMEM: .nomem, ENOMSG: .nomsg,
    ENOPROTOOPT: .noprotoopt, ENOSPC: .nospc, ENOSYS: .nosys, ENOTCONN: .notconn,
    ENOTDIR: .notdir, ENOTEMPTY: .notempty, ENOTRECOVERABLE: .notrecoverable,
    ENOTSOCK: .notsock, EOPNOTSUPP: .notsup, ENOTTY: .notty, ENXIO: .nxio,
    EOVERFLOW: .overflow, EOWNERDEAD: .ownerdead, EPERM: .perm, EPIPE: .pipe, EPROTO: .proto,
    EPROTONOSUPPORT: .protonosupport, EPROTOTYPE: .prototype, ERANGE: .range, EROFS: .rofs,
    ESPIPE: .spipe, ESRCH: .srch, ESTALE: .stale, ETIMEDOUT: .timedout, ETXTBSY: .txtbsy,
    EXDEV: .xdev,
  ]
}

/// The guest exited: by `proc_exit`, or by `proc_raise` with a terminating signal (128 + the signal's
/// number on Linux, as in shells).
public struct WASIExit: Error, Hashable, Sendable {
  /// The guest's exit code.
  public let code: UInt32

  /// An exit with this code.
  public init(code: UInt32) { self.code = code }
}

/// A configuration that cannot be granted: a directory that does not open, an argument with a NUL byte.
public struct WASIConfigurationError: Error, Sendable, CustomStringConvertible {
  /// What cannot be granted, and why.
  public let message: String

  /// An error with this message.
  public init(_ message: String) { self.message = message }

  public var description: String { message }
}
