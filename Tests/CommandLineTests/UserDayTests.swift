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

    // Compile with it, and ask about the hottest call.
    let compiled = try command("compile sample.wasm --profile week -o app.so")
    #expect(compiled.status == 0)
    #expect(
      compiled.errors.contains(
        "; 1 with deopts; profile: 4 functions match, 0 by staleness, 0 not, 100.0 % of its counts; "
          + "indirect calls: 1 speculated, 0 generic; "), "\(compiled.errors)")
    let overview = try command("explain app.so").output
    let place = try #require(overview.firstMatch(of: /@(\d+)/)?.1)
    #expect(
      overview == """
        20.0 %  f10 "apply" @\(place), indirect call, 3000: speculated on 2 targets, inlined; any other is a deopt

        """)
    let explained = try command("explain app.so --site \(place)").output
    #expect(
      explained.hasPrefix(
        """
        f10 "apply" @\(place), indirect call, 3000 calls, 20.0 % of all events
          target    83.3 %  2500  f7 "add"  inlined, 6 bytes of wasm
          target    16.7 %  500  f8 "mix"  inlined, 6 bytes of wasm
          decision  speculated on 2 targets, inlined; any other is a deopt
          why       2 targets, the largest 83.3 %: polymorphic
          guard     compares the index; the table never changes
          estimate  saves about 0.0024 ms in runs like those of the profile

        """), "\(explained)")

    // An edit: the function with the call changed.
    let edited = Sample.text.replacing(
      "(local.get $x) (local.get $which)) (i64.const 1)",
      with: "(local.get $x) (local.get $which)) (i64.sub (i64.const 3) (i64.const 2))")
    try folder.write(assemble(edited), "edited.wasm")
    let again = try command("compile edited.wasm --profile week")
    #expect(!again.errors.contains("warning"))
    #expect(
      again.errors.contains(
        "; profile: 3 functions match, 1 by staleness, 0 not, 100.0 % of its counts; "
          + "indirect calls: 1 speculated, 0 generic; "), "\(again.errors)")

    // Another program, in which two functions are left.
    try folder.write(
      assemble(
        """
        (module (type $op (func (param i64) (result i64)))
          (func $add (type $op) (i64.add (local.get 0) (i64.const 3)))
          (func $mix (type $op) (i64.mul (local.get 0) (i64.const 31)))
          (func (export "new") (result i64) (call $add (call $mix (i64.const 1)))))
        """), "new.wasm")
    let new = try command("compile new.wasm --profile week")
    #expect(
      new.errors.hasPrefix(
        "warning: week: the profile is stale: 20.0 % of its counts match the module; record it again\n"
      ), "\(new.errors)")
    #expect(new.errors.contains("; profile: 2 functions match, 0 by staleness, 2 not, 20.0 % of"))
    let refused = try command("compile new.wasm --profile week --require-profile-match 90 -o no.so")
    #expect(refused.status == 79 && refused.errors.contains("asks for 90.0 %"), "\(refused.errors)")
    #expect(try !folder.names.contains("no.so"))
  }
}
