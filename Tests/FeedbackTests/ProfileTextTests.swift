import Feedback
import Testing

@Suite struct ProfileTextTests {
  @Test func golden() throws {
    var profile = try recordedSample().profile()
    profile.moduleHashes = [0xC0FFEE]
    #expect(
      profile.describe() == """
        1 run of 1 module (0000000000c0ffee)
        5 functions, 4 entered, 2 call sites reached

        run  67.4 %  entries 1
          @1    loop           30
          @4    branch         taken 1, not taken 30
          @10   indirect call  30  polymorphic
                33.3 %  10  double
                30.0 %  9  square
                26.7 %  8  negate
                10.0 %  3  (other instances, host)
          @20   branch         taken 1, not taken 29
          @22   call           1
          @27   br_table       1 1 28

        square  10.9 %  entries 10

        negate  10.9 %  entries 10

        double  10.9 %  entries 10

        """)
    let short = profile.describe(limit: 1)
    #expect(short.hasSuffix("\n(3 more functions)\n"))
    #expect(!short.contains("square  "))
  }
}
