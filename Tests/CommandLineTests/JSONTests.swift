import CommandLineSupport
import Testing

@Suite struct JSONTests {
  private func parse(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8)) }

  @Test func roundTrip() throws {
    let text =
      #"{"a": [1, -2.5e3, true, false, null], "b\"\\\u0007é": {}, "c": [], "d": "x\u0085"}"# + "\n"
    #expect(try parse(text).document == text)
    #expect(try parse(" [ \"\\n\\t\\/\\u0041\" ] ").document == "[\"\\u000a\\u0009/A\"]\n")
    let object = try parse(text)
    #expect(object["a"]?.items.count == 5 && object["a"]?.items[0].count == 1)
    #expect(object["z"] == nil && object["a"]?["b"] == nil && object["c"]?.count == nil)
    #expect(JSON.integer(UInt64.max).document == "18446744073709551615\n")
  }

  @Test(arguments: [
    ("", "not a value", 0), ("[1,]", "not a value", 3), ("{\"a\" 1}", "expected :", 5),
    ("{1: 2}", "expected a name", 1), ("[1 2]", "expected , or ]", 3), ("1 1", "after the end", 2),
    ("\"a", "unexpected end", 2), ("\"\\x\"", "unknown escape", 2), ("tru", "not a value", 0),
    ("\"\\u12\"", "four hexadecimal", 3), ("-", "not a value", 0),
    ("\"\n\"", "control character", 1),
  ]) func errorsHaveOffsets(text: String, message: String, offset: Int) {
    #expect {
      _ = try parse(text)
    } throws: { error in
      let error = error as? JSON.ParseError
      return error?.offset == offset && error?.message.contains(message) == true
    }
  }

  @Test func depthIsLimited() {
    let text = String(repeating: "[", count: 1_000_000)
    #expect(throws: JSON.ParseError(message: "nested too deep", offset: 100)) { try parse(text) }
  }

  @Test func fixedPoints() {
    #expect(fixedPoint(0.125, places: 2) == "0.13" && fixedPoint(12, places: 0) == "12")
    #expect(fixedPoint(-0.001, places: 2) == "0.00" && fixedPoint(-1.5, places: 1) == "-1.5")
    #expect(fixedPoint(99.999, places: 2) == "100.00")
  }
}
