import Wasm

/// The interface, one row a function: name, parameters (`i` for i32, `I` for i64) and body. All but proc_exit
/// return an errno.
extension WASI {
  typealias Row = (
    name: String, parameters: String, body: @Sendable (WASI, GuestCall) throws -> Void
  )

  static func makeFunctions(_ version: WASIVersion) -> [WASIFunction] {
    let rows = processRows + descriptorRows + pathRows + socketRows
    return rows.compactMap { row in
      // The only function that came after the old interface.
      if version == .unstable && row.name == "sock_accept" { return nil }
      let parameters = row.parameters.map { $0 == "I" ? ValueType.i64 : .i32 }
      let type = FunctionType(parameters, row.name == "proc_exit" ? [] : [.i32])
      return WASIFunction(name: row.name, type: type, version: version, body: row.body)
    }
  }

  private static let processRows: [Row] = [
    ("args_get", "ii", { try $0.stringsGet($0.arguments, $1) }),
    ("args_sizes_get", "ii", { try $0.stringsSizesGet($0.arguments, $1) }),
    ("environ_get", "ii", { try $0.stringsGet($0.environment, $1) }),
    ("environ_sizes_get", "ii", { try $0.stringsSizesGet($0.environment, $1) }),
    ("clock_res_get", "ii", { try $0.clockResGet($1) }),
    ("clock_time_get", "iIi", { try $0.clockTimeGet($1) }),
    ("poll_oneoff", "iiii", { try $0.pollOneoff($1) }),
    ("proc_exit", "i", { throw WASIExit(code: $1.u32(0)) }),
    ("proc_raise", "i", { try $0.procRaise($1) }),
    ("sched_yield", "", { try $0.schedYield($1) }),
    ("random_get", "ii", { try $0.randomGet($1) }),
  ]

  private static let descriptorRows: [Row] = [
    ("fd_advise", "iIIi", { try $0.fdAdvise($1) }),
    ("fd_allocate", "iII", { try $0.fdAllocate($1) }),
    ("fd_close", "i", { try $0.descriptors.remove($1.u32(0)) }),
    ("fd_datasync", "i", { try $0.fdDatasync($1) }),
    ("fd_fdstat_get", "ii", { try $0.fdFdstatGet($1) }),
    ("fd_fdstat_set_flags", "ii", { try $0.fdFdstatSetFlags($1) }),
    ("fd_fdstat_set_rights", "iII", { try $0.fdFdstatSetRights($1) }),
    ("fd_filestat_get", "ii", { try $0.fdFilestatGet($1) }),
    ("fd_filestat_set_size", "iI", { try $0.fdFilestatSetSize($1) }),
    ("fd_filestat_set_times", "iIIi", { try $0.fdFilestatSetTimes($1) }),
    ("fd_pread", "iiiIi", { try $0.fdPread($1) }),
    ("fd_prestat_get", "ii", { try $0.fdPrestatGet($1) }),
    ("fd_prestat_dir_name", "iii", { try $0.fdPrestatDirName($1) }),
    ("fd_pwrite", "iiiIi", { try $0.fdPwrite($1) }),
    ("fd_read", "iiii", { try $0.fdRead($1) }),
    ("fd_readdir", "iiiIi", { try $0.fdReaddir($1) }),
    ("fd_renumber", "ii", { try $0.descriptors.renumber($1.u32(0), to: $1.u32(1)) }),
    ("fd_seek", "iIii", { try $0.fdSeek($1) }),
    ("fd_sync", "i", { try $0.fdSync($1) }),
    ("fd_tell", "ii", { try $0.fdTell($1) }),
    ("fd_write", "iiii", { try $0.fdWrite($1) }),
  ]

  private static let pathRows: [Row] = [
    ("path_create_directory", "iii", { try $0.pathCreateDirectory($1) }),
    ("path_filestat_get", "iiiii", { try $0.pathFilestatGet($1) }),
    ("path_filestat_set_times", "iiiiIIi", { try $0.pathFilestatSetTimes($1) }),
    ("path_link", "iiiiiii", { try $0.pathLink($1) }),
    ("path_open", "iiiiiIIii", { try $0.pathOpen($1) }),
    ("path_readlink", "iiiiii", { try $0.pathReadlink($1) }),
    ("path_remove_directory", "iii", { try $0.pathRemoveDirectory($1) }),
    ("path_rename", "iiiiii", { try $0.pathRename($1) }),
    ("path_symlink", "iiiii", { try $0.pathSymlink($1) }),
    ("path_unlink_file", "iii", { try $0.pathUnlinkFile($1) }),
  ]

  private static let socketRows: [Row] = [
    ("sock_accept", "iii", { try $0.sockAccept($1) }),
    ("sock_recv", "iiiiii", { try $0.sockRecv($1) }),
    ("sock_send", "iiiii", { try $0.sockSend($1) }),
    ("sock_shutdown", "ii", { try $0.sockShutdown($1) }),
  ]
}
