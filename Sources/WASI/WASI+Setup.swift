import CWASI
import Glibc

/// The descriptors a guest starts with: 0, 1, 2, then its directories, then what it inherits.
extension WASI {
  /// What input is not for, even where the host's descriptor would allow it.
  private static let changes: WASIRights = [
    .fdWrite, .fdAllocate, .fdFilestatSetSize, .fdFilestatSetTimes,
  ]

  func addStandardStreams() throws(WASIConfigurationError) {
    switch configuration.standardInput {
    case .inherit: try addStream(0, 0, Self.changes)
    case .descriptor(let descriptor): try addStream(descriptor, 0, Self.changes)
    case .bytes(let bytes): addStream(memory: .bytes(bytes, next: 0), Self.changes)
    }
    try add(configuration.standardOutput, inheriting: 1)
    try add(configuration.standardError, inheriting: 2)
  }

  private func add(_ output: WASIConfiguration.Output, inheriting number: Int32)
    throws(WASIConfigurationError)
  {
    switch output {
    case .inherit: try addStream(number, number, [.fdRead])
    case .descriptor(let descriptor): try addStream(descriptor, number, [.fdRead])
    case .buffer(let buffer): addStream(memory: .buffer(buffer), [.fdRead])
    case .discard: addStream(memory: .discard, [.fdRead])
    }
  }

  private func addStream(memory backing: OpenFile.Backing, _ without: WASIRights) {
    let rights = WASIRights([
      .fdRead, .fdWrite, .fdFilestatGet, .pollFdReadwrite, .fdFdstatSetFlags,
    ])
    let file = OpenFile(memory: backing, rights: rights.subtracting(without))
    insert(Descriptor(file, inheriting: []))
  }

  private func addStream(_ descriptor: Int32, _ number: Int32, _ without: WASIRights)
    throws(WASIConfigurationError)
  {
    do {
      let file = try OpenFile(
        descriptor: descriptor, isOwned: false, isReadOnly: false,
        passEscapes: configuration.passTerminalEscapes)
      // A directory as a stream (`< .`) must be no way to the files in it.
      let rights: WASIRights = file.type == .directory ? .fdFilestatGet : .all.subtracting(without)
      insert(Descriptor(file, rights: rights, inheriting: file.isSocket ? .all : []))
    } catch {
      // A host that runs with the stream closed: so does the guest. The number stays taken, so that what either side writes to it
      // goes nowhere.
      guard descriptor == number else {
        throw WASIConfigurationError("descriptor \(descriptor) for stream \(number) is not open")
      }
      insert(Descriptor(OpenFile(memory: .discard, rights: []), inheriting: []))
    }
  }

  func add(_ directory: WASIConfiguration.Directory) throws(WASIConfigurationError) {
    guard !directory.hostPath.bytes.contains(0) else {
      throw WASIConfigurationError("directory '\(directory.hostPath)' has a NUL byte in its name")
    }
    let opened = directory.hostPath.withCString {
      wpgo_open_at(AT_FDCWD, $0, UInt32(WPGO_READ | WPGO_DIRECTORY))
    }
    guard opened >= 0 else {
      let reason = String(cString: strerror(Int32(-opened)))
      throw WASIConfigurationError("cannot open directory '\(directory.hostPath)': \(reason)")
    }
    do {
      let file = try OpenFile(
        descriptor: Int32(opened), isOwned: true, isReadOnly: directory.isReadOnly,
        preopenName: directory.guestPath.bytes, passEscapes: true)
      insert(Descriptor(file, inheriting: .all))
    } catch {
      throw WASIConfigurationError("cannot use directory '\(directory.hostPath)': \(error)")
    }
  }

  func add(inherited descriptor: Int32) throws(WASIConfigurationError) {
    do {
      let file = try OpenFile(
        descriptor: descriptor, isOwned: false, isReadOnly: false,
        passEscapes: configuration.passTerminalEscapes)
      // A directory that is no preopen would be a hole in what the configuration says.
      guard file.type != .directory else {
        throw WASIConfigurationError("inherited descriptor \(descriptor) is a directory")
      }
      insert(Descriptor(file, inheriting: .all))
    } catch let error as WASIConfigurationError {
      throw error
    } catch {
      throw WASIConfigurationError("inherited descriptor \(descriptor) is not open")
    }
  }

  /// The host's own choice is not held to the guest's limit.
  private func insert(_ descriptor: Descriptor) { descriptors.append(descriptor) }
}
