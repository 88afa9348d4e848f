import CSV

extension Case {
  /// Files too long for a line, or to be cut at each of their points.
  static let long: [Self] = [
    Self(
      "E13-utf8-split-at-64KiB",
      header + repeated("x", 65_535 - header.count) + Array("\u{E9},2020-01-01,x\n".utf8),
      "!2:65523@65549 number"),
    Self("E15-nul-only", [UInt8](repeating: 0, count: 1 << 18), "X header 1:1@0"),
    Self(
      "E18-emoji-zwj-cluster",
      header + repeated("\u{1F469}\u{200D}", 2_000) + Array(",2020-01-01,x\n".utf8),
      "!2:4013@14038 number"),
    Self(
      "Q02-unclosed-quote",
      header + Array("\"".utf8) + repeated("Alpha,2020-01-01,1\n", 1_950),
      "X unclosedQuote 2:1@26"),
    Self(
      "Q03-unclosed-quote-beyond-the-limit",
      header + Array("A,2020-01-01,x\n\"open,".utf8) + repeated("Alpha,2020-01-01,1\n", 11_000),
      "!2:14@39 number; X recordTooLong 3:1@41"
    ).limitingRecords(to: 200_000),
    Self(
      "Q10-quotes-200k",
      header + repeated("\"", 200_000) + Array(",2020-01-01,x\n".utf8),
      "!2:200013@200038 number"),
    Self(
      "S11-field-256KiB",
      header + repeated("x", 1 << 18) + Array(",2020-01-01,x\n".utf8),
      "!2:262157@262182 number"),
    Self(
      "S12-20k-columns",
      Array((0..<20_000).map { "c\($0)" }.joined(separator: ",").utf8)
        + Array("\nA,2020-01-01,5\nA,2020-01-01,x".utf8),
      "A|2020-01-01|5; !3:14@128918 number"),
    Self(
      "S13-200k-commas-row",
      header + repeated(",", 200_000) + Array("\nA,2020-01-01,5\n".utf8),
      "A|2020-01-01|5; !2:3@28 number"),
    Self(
      "S19-zeros-behind-gzip", [0x1F, 0x8B] + [UInt8](repeating: 0, count: 50_000),
      "X encoding 1:1@0"),
    Self(
      "I04-huge", header + Array("Alpha,2020-01-01,".utf8) + repeated("9", 4_000),
      "!2:18@43 range"),
  ]
}
