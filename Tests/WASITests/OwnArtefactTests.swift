import AOT
import Glibc
import Runtime
import TestSupport
import Testing
import Wasm
import WasmText

@testable import WASI

/// A guest whose directory holds an artefact that this process executes: what is written to a file shows in its mappings.
@Suite struct OwnArtefactTests {
  private static func artefact() throws -> [UInt8] {
    let module = try Module(validating: assemble("(module (func (export \"f\")))"))
    var options = CompilerOptions()
    options.usesProcesses = false
    return try Compiler.compile(
      module, plan: try TestPlan(targets: [:]).plan(module), options: options)
  }

  private func write(_ bytes: [UInt8], to path: String) {
    let file = creat(path, 0o644)
    // The array's own storage, for the length of the call.
    #expect(bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) } == bytes.count)
    close(file)
  }

  @Test func cannotBeWritten() throws {
    let folder = try Folder()
    let bytes = try Self.artefact()
    write(bytes, to: folder.path + "/app.so")
    #expect(Glibc.link(folder.path + "/app.so", folder.path + "/other") == 0)
    folder.link("link", to: "app.so")
    var configuration = WASIConfiguration()
    configuration.addDirectory(folder.path, as: "/box")
    let guest = try Guest(configuration)
    var artefact: Artefact? = try Artefact(path: folder.path + "/app.so")
    for name in ["app.so", "other", "link"] {
      for (flags, rights) in [
        ([], .fdWrite), ([], [.fdRead, .fdWrite]), ([], .fdAllocate), ([], .fdFilestatSetSize),
        (.truncate, .fdRead), (.truncate, .fdWrite), ([.create, .truncate], .fdWrite),
      ] as [(OpenFlags, WASIRights)] {
        #expect(
          try guest.open(name, follow: true, flags, rights: rights).errno == .txtbsy,
          "\(name) \(flags.rawValue) \(rights.rawValue)")
      }
      #expect(try guest.open(name, follow: true, [], rights: .fdRead).errno == .success)
    }
    var status = stat()
    #expect(stat(folder.path + "/app.so", &status) == 0 && Int(status.st_size) == bytes.count)
    #expect(artefact != nil)
    artefact = nil
    // Once nothing executes it, it is a file like any other.
    #expect(try guest.open("other", follow: true, .truncate, rights: .fdWrite).errno == .success)
    #expect(stat(folder.path + "/app.so", &status) == 0 && status.st_size == 0)
  }
}
