extension Case {
  static let encodings: [Self] = [
    Self(
      "E01-utf8-bom", #"\xef\xbb\xbfSong,Date,Number of Plays\nAlpha,2020-01-01,1\n"#,
      #"Alpha|2020-01-01|1"#
    ),
    Self(
      "E01-utf8-bom-position", #"\xef\xbb\xbfSong,Date,Number of Plays\nAlpha,2020-01-01,x\n"#,
      #"!2:18@46 number"#
    ),
    Self(
      "E02-double-bom", #"\xef\xbb\xbf\xef\xbb\xbfSong,Date,Number of Plays\nAlpha,2020-01-01,1\n"#,
      #"Alpha|2020-01-01|1"#
    ),
    Self(
      "E03-bom-in-middle", #"H+\xef\xbb\xbfAlpha,2020-01-01,1\nAlpha,2020-01-01,1\n"#,
      #"\xef\xbb\xbfAlpha|2020-01-01|1; Alpha|2020-01-01|1"#
    ),
    Self(
      "E04-utf16le-bom", #"\xff\xfeS\x00o\x00n\x00g\x00,\x00D\x00a\x00t\x00e\x00,\x00N\x00\n\x00"#,
      #"X encoding 1:1@0"#
    ),
    Self(
      "E05-utf16be-bom", #"\xfe\xff\x00S\x00o\x00n\x00g\x00,\x00D\x00a\x00t\x00e\x00,\x00N\x00\n"#,
      #"X encoding 1:1@0"#
    ),
    Self(
      "E06-utf16le-nobom", #"S\x00o\x00n\x00g\x00,\x00D\x00a\x00t\x00e\x00,\x00N\x00\n\x00"#,
      #"X encoding 1:1@0"#
    ),
    Self(
      "E06-utf16be-nobom", #"\x00S\x00o\x00n\x00g\x00,\x00D\x00a\x00t\x00e\x00,\x00N\x00\n"#,
      #"X encoding 1:1@0"#
    ),
    Self("E06-utf16-short", #"S\x00o\x00"#, #"X encoding 1:1@0"#),
    Self(
      "E06-utf32le-nobom", #"S\x00\x00\x00o\x00\x00\x00n\x00\x00\x00g\x00\x00\x00"#,
      #"X encoding 1:1@0"#
    ),
    Self(
      "E06-utf32be-nobom", #"\x00\x00\x00S\x00\x00\x00o\x00\x00\x00n\x00\x00\x00g"#,
      #"X encoding 1:1@0"#
    ),
    Self(
      "E07-utf32le-bom", #"\xff\xfe\x00\x00S\x00\x00\x00o\x00\x00\x00n\x00\x00\x00g\x00\x00\x00"#,
      #"X encoding 1:1@0"#
    ),
    Self(
      "E07-utf32be-bom", #"\x00\x00\xfe\xff\x00\x00\x00S\x00\x00\x00o\x00\x00\x00n\x00\x00\x00g"#,
      #"X encoding 1:1@0"#
    ),
    Self(
      "E08-latin1", #"H+Bj\xf6rk - no,2020-01-01,1\nAlpha,2020-01-01,1\n"#,
      #"Alpha|2020-01-01|1; !2:3@28 utf8(f6)"#
    ),
    Self("E09-cp1252-smart-quote", #"H+Don\x92t Stop,2020-01-01,1\n"#, #"!2:4@29 utf8(92)"#),
    Self("E10-invalid-utf8-overlong", #"H+a\xc0\xafb,2020-01-01,1\n"#, #"!2:2@27 utf8(c0)"#),
    Self("E11-invalid-utf8-surrogate", #"H+a\xed\xa0\x80b,2020-01-01,1\n"#, #"!2:2@27 utf8(ed)"#),
    Self(
      "E12-truncated-utf8-at-eof", #"H+Alpha,2020-01-01,1\nB\xc3"#,
      #"Alpha|2020-01-01|1; !3:2@46 utf8(c3)"#
    ),
    Self(
      "E12-truncated-in-row",
      #"H+Alp\xe2\x82,2020-01-01,1\n\xf0\x9f\x98\x80\xe2\x82,2020-01-01,1\n"#,
      #"!2:4@29 utf8(e2); !3:2@49 utf8(e2)"#
    ),
    Self(
      "E14-nul-in-field", #"H+A\x00B,2020-01-01,1\nA\x00C,2020-01-01,2\nA,2020-01-01,3\n"#,
      #"A|2020-01-01|3; !2:2@27 nul; !3:2@44 nul"#
    ),
    Self(
      "E16-nfc-nfd", #"H+Caf\xc3\xa9,2020-01-01,1\nCafe\xcc\x81,2020-01-01,2\n"#,
      #"Caf\xc3\xa9|2020-01-01|1; Cafe\xcc\x81|2020-01-01|2"#
    ),
    Self(
      "E17-zero-width-bidi",
      #"H+A\xe2\x80\x8bB,2020-01-01,1\nAB,2020-01-01,2\n\xe2\x80\xaeAB,2020-01-01,3\n"#,
      #"A\xe2\x80\x8bB|2020-01-01|1; AB|2020-01-01|2; \xe2\x80\xaeAB|2020-01-01|3"#
    ),
    Self(
      "E19-crlf-grapheme", #"Song,Date,Number of Plays\r\nA,2020-01-01,1\r\n"#, #"A|2020-01-01|1"#
    ),
    Self(
      "E20-comma-plus-combining", #"H+A,\xcc\x812020-01-01,1\n"#, #"!2:3@28 date"#
    ).checkingDates(),
    Self("E21-quote-plus-combining", #"H+"A"\xcc\x81,2020-01-01,1\n"#, #"!2:4@29 text"#),
    Self(
      "E22-unicode-line-seps", #"H+A\xe2\x80\xa8B\xe2\x80\xa9C\xc2\x85D\x0bE\x0cF,2020-01-01,1\n"#,
      #"A\xe2\x80\xa8B\xe2\x80\xa9C\xc2\x85D\x0bE\x0cF|2020-01-01|1"#
    ),
    Self(
      "bad-byte-beats-number-at-the-same-place", #"H+A,2020-01-01,\xff\n"#, #"!2:14@39 utf8(ff)"#
    ),
    Self("bad-byte-behind-a-bad-number-loses", #"H+A,2020-01-01,x\xff\n"#, #"!2:14@39 number"#),
    Self(
      "bad-byte-in-the-second-line-of-a-record",
      #"H+"A\r\n\xc3\xa9\xff",2020-01-01,1\nB,2020-01-01,y\n"#,
      #"!3:2@32 utf8(ff); !4:14@61 number"#
    ),
    Self(
      "column-counts-characters", #"H+\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80,2020-01-01,x\n"#,
      #"!2:16@47 number"#
    ),
  ]
}
