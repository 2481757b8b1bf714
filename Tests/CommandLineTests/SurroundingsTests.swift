import Foundation
import TestSupport
import Testing

/// Systems that lack something: /proc, a linker, rights, space.
@Suite struct SurroundingsTests {
  // MARK: /proc

  /// Arguments, the companion beside it and all else are found without: nothing ends well that did not run.
  @Test(.enabled(if: Isolation.isPossible, Isolation.skipped)) func withoutProc() throws {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.so", "sample.o")
    let command = folder.command
    for file in ["sample.wasm", "sample.so", "sample.o"] {
      let outcome = try Isolation.withoutProc(command, "\"$pgo\" run \(file) -- a b")
      #expect(outcome.status == 2 && outcome.output == "started\n", "\(file): \(outcome.errors)")
    }
    let rest = try Isolation.withoutProc(
      command,
      """
      set -e
      "$pgo" record sample.wasm --invoke run -- 2000 5000 > /dev/null
      "$pgo" compile sample.wasm --cache cache -o new.so
      cd /
      PATH="$(dirname "$pgo"):$PATH"
      wasm-pgo verify "$OLDPWD/new.so" --invoke run -- 20 10 < /dev/null
      wasm-pgo verify "$OLDPWD/sample.wasm" --invoke run -- 20 10 < /dev/null
      wasm-pgo run "$OLDPWD/new.so" --timeout 9999 --invoke run -- 2000 700
      """)
    #expect(rest.status == 0, "\(rest.errors)")
    let expected = try command("run sample.wasm --invoke run -- 2000 700").output
    #expect(rest.output.hasSuffix(expected), "\(rest.output)")
    #expect(try folder.bytes("new.so") == folder.bytes("sample.so"))
  }

  /// A link to the executable leads to the compiler beside that.
  @Test func companionOfALink() throws {
    let folder = try Sample.shared.get().folder("sample.wasm")
    let outcome = try folder.command.shell(
      "ln -s \"$pgo\" pgo && PATH=/usr/bin:/bin && ./pgo compile sample.wasm && ./pgo run sample.so"
    )
    #expect(outcome.status == 0 && outcome.output == "started\n", "\(outcome.errors)")
    let lonely = try folder.command.shell(
      "mkdir alone && cp \"$pgo\" alone && PATH=/usr/bin:/bin && alone/wasm-pgo compile sample.wasm"
    )
    // Where Swift's libraries lie beside the executable, a copy does not start at all.
    #expect([70, 127].contains(lonely.status), "\(lonely.errors)")
    if lonely.status == 70 {
      #expect(lonely.errors.contains("help: put wasm-pgo-compile in the same directory"))
    }
  }

  // MARK: The linker

  @Test func withoutLinker() throws {
    let folder = try Sample.shared.get().folder("sample.wasm")
    var command = folder.command
    command.environment["PATH"] = folder.root.path
    for line in ["compile sample.wasm", "verify sample.wasm"] {
      let outcome = try command(line)
      #expect(outcome.status == 69, "\(outcome.errors)")
      #expect(outcome.errors.hasPrefix("error: cannot run the linker ld: No such file"))
      #expect(outcome.errors.contains("help: install it, on Debian with: apt-get install binutils"))
    }
    #expect(try folder.names == ["sample.wasm"])
  }

  // MARK: Caches

  @Test func unusableCaches() throws {
    let folder = try Sample.shared.get().folder("sample.wasm")
    try folder.write([1], "file")
    for (cache, what) in [
      ("file", "cannot use the cache: Not a directory"), ("file/x", "the cache: Not a directory"),
      ("no/x", "cannot make the cache: No such file"), ("/dev/null", "cannot use the cache"),
    ] {
      let outcome = try folder.command("compile sample.wasm --cache \(cache)")
      #expect(outcome.status == 73, "\(outcome.errors)")
      #expect(outcome.errors.contains(what), "\(outcome.errors)")
      #expect(outcome.errors.contains("  at: \(cache)\n"), "\(outcome.errors)")
    }
    #expect(try folder.names == ["file", "sample.wasm"])
  }

  // MARK: Rights

  /// As somebody who may read some of it and write nothing.
  @Test(.enabled(if: Isolation.isRoot, "needs root, to become somebody else"))
  func withoutRights() throws {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.so", "sample.wasmprof")
    try folder.write([1], "secret")
    let outcome = try folder.command.shell("chmod 755 . && chmod 644 s* && chmod 600 secret")
    try #require(outcome.status == 0)
    let names = try folder.names
    for (line, status, place) in [
      ("run secret", 66, "secret"), ("record secret", 66, "secret"),
      ("compile secret", 66, "secret"), ("verify secret", 66, "secret"),
      ("inspect secret", 66, "secret"), ("profile show secret", 66, "secret"),
      ("compile sample.wasm --profile secret", 66, "secret"),
      ("compile sample.wasm", 73, "sample.so"), ("compile sample.wasm -o x.so", 73, "x.so"),
      ("record sample.wasm", 73, "sample.wasmprof"), ("record sample.wasm -o x", 73, "x"),
      ("compile sample.wasm --cache x", 73, "x"), ("run sample.so --stdout x", 73, "x"),
      ("run sample.so --stdin secret", 66, "secret"), ("run sample.so", 0, ""),
    ] as [(String, Int32, String)] {
      let outcome = try folder.command.shell(
        "exec setpriv --reuid 65534 --regid 65534 --clear-groups \"$pgo\" \(line)"
      )
      // The build's own folder may be out of reach for others.
      if outcome.status == 126 || outcome.status == 127 {
        print("skipped: others cannot reach \(Command.Program.main.path)")
        return
      }
      #expect(outcome.status == status, "\(line): \(outcome.errors)")
      if status == 0 { continue }
      #expect(outcome.errors.contains("Permission denied"), "\(line): \(outcome.errors)")
      #expect(outcome.errors.contains("  at: \(place)\n"), "\(line): \(outcome.errors)")
    }
    #expect(try folder.names == names)
  }

  // MARK: Space

  /// The disk is full while an output is written: an error, and what was there before is there still.
  @Test(.enabled(if: Isolation.isPossible, Isolation.skipped))
  func fullDisks() throws {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.so", "sample.wasmprof")
    for (line, kept, statuses) in [
      ("compile sample.wasm -o x.so", "", "73 74"), ("compile sample.wasm", "sample.so", "73 74"),
      ("record sample.wasm -o x.wasmprof", "", "73 74"),
      ("record sample.wasm", "sample.wasmprof", "73 74"),
      ("run sample.so --stdout out", "", "0"),
      ("compile sample.wasm --cache c -o /tmp/x.$$", "", "0"),
    ] {
      let outcome = try Isolation.onSmallDisk(
        folder.command, size: "128k",
        """
        cp sample.so before.so; cp sample.wasmprof before.wasmprof; ls > /tmp/names.$$
        dd if=/dev/zero of=filler bs=1k 2> /dev/null
        "$pgo" \(line) > /dev/null
        status=$?
        case " \(statuses) " in *" $status "*) ;; *) echo "status $status"; exit 1 ;; esac
        rm filler; rm -rf c out
        kept="\(kept)"
        if [ -n "$kept" ]; then cmp "$kept" "before.${kept##*.}" || exit 2; fi
        ls | cmp - /tmp/names.$$ || exit 3
        rm -f /tmp/names.$$ /tmp/x.$$
        """)
      #expect(outcome.status == 0, "\(line): \(outcome.output)\(outcome.errors)")
      if statuses != "0" {
        #expect(outcome.errors.contains("No space left on device"), "\(outcome.errors)")
      }
    }
  }
}
