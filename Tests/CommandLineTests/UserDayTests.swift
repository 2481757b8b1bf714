import Feedback
import TestSupport
import Testing
import WasmText

/// A user's day with profiles, each number of it.
@Suite struct UserDayTests {
  @Test func transcript() throws {
    let folder = try Sample.shared.get().folder("sample.wasm")
    let command = folder.command
    func expect(_ line: String, output: String = "", errors: String = "", status: Int32 = 0) throws
    {
      let outcome = try command(line)
      #expect(outcome.status == status, "\(line): \(outcome.errors)")
      #expect(outcome.output == output, "\(line)")
      #expect(outcome.errors == errors, "\(line)")
    }

    // Two inputs: 2000 calls of `add`; 500 of `add`, then 500 of `mix`.
    try #require(try command("record sample.wasm --invoke run -o monday -- 2000 5000").status == 0)
    try #require(try command("record sample.wasm --invoke run -o tuesday -- 1000 500").status == 0)
    try expect("profile overlap monday tuesday", output: "79.99\n")
    try expect("profile merge monday tuesday -o week")
    let hashes = try ProfileFile(decoding: folder.bytes("week")).moduleHashes
    #expect(hashes.count == 1)
    let shown = try command("profile show week --sites").output
    #expect(shown.hasPrefix("2 runs of 1 module ("))
    #expect(
      shown.hasSuffix(
        """
        12 functions, 4 entered, 2 call sites reached

        apply @2  20.0 %  3000  polymorphic
              83.3 %  2500  add
              16.7 %  500  mix

        """), "\(shown)")
  }
}
