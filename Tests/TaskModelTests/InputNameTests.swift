import Testing

@testable import TaskModel

struct InputNameTests {
  @Test(
    arguments: [
      ("a.csv", .csv), ("a.CSV", .csv), ("a.Csv", .csv), ("a b.csv", .csv), ("a.gz.csv", .csv),
      ("a.csv.csv", .csv), ("a.tmp.csv", .csv), ("~a.csv", .csv), ("\u{E9}.csv", .csv),
      ("a\n.csv", .csv), ("-rf.csv", .csv), ("a..csv", .csv), ("a.part.csv", .csv),
      ("a.csv.gz", .gzip), ("a.CSV.GZ", .gzip), ("a.csv.Gz", .gzip), ("a.tmp.csv.gz", .gzip),
      (".a.csv", .ignored(.hidden)), (".csv", .ignored(.hidden)), (".csv.gz", .ignored(.hidden)),
      ("...csv", .ignored(.hidden)), (".a.csv.tmp", .ignored(.hidden)), (".x", .ignored(.hidden)),
      ("a.csv.tmp", .ignored(.temporary)), ("a.tmp", .ignored(.temporary)),
      ("a.csv.part", .ignored(.temporary)), ("a.csv.filepart", .ignored(.temporary)),
      ("a.csv.crdownload", .ignored(.temporary)), ("a.csv~", .ignored(.temporary)),
      ("a.csv.gz.part", .ignored(.temporary)), ("a.csv.TMP", .ignored(.temporary)),
      ("a", .ignored(.other)), ("a.txt", .ignored(.other)), ("a.gz", .ignored(.other)),
      ("csv", .ignored(.other)), ("acsv", .ignored(.other)), ("a.csv.zip", .ignored(.other)),
      ("a.csv ", .ignored(.other)), ("a.csvgz", .ignored(.other)), ("a.tsv", .ignored(.other)),
      ("a.csv.bak", .ignored(.other)), ("a.cs\u{17F}", .ignored(.other)),
    ] as [(String, InputName)])
  func `a name says what the inbox makes of it`(name: String, expected: InputName) throws {
    #expect(InputName(try #require(FileName(name))) == expected)
  }

  @Test func `a name that is no text is judged by its ending`() throws {
    let bytes: [UInt8] = [0xFF, 0xC3] + Array(".csv".utf8)
    #expect(InputName(try #require(FileName(bytes: bytes))) == .csv)
  }

  @Test(arguments: [InputName.Reason.hidden, .temporary, .other])
  func `a reason goes on from a name and says what to do or what is expected`(
    reason: InputName.Reason
  ) {
    #expect(reason.rawValue.hasPrefix("its name "))
    #expect(reason.rawValue.contains("rename it") || reason.rawValue.contains(".csv"))
  }
}
