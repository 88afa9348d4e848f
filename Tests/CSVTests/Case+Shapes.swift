extension Case {
  static let shapes: [Self] = [
    Self("S01-empty", #""#, #"X empty 1:1@0"#),
    Self("S02-header-only", #"Song,Date,Number of Plays\n"#, #""#),
    Self("S03-header-only-no-newline", #"Song,Date,Number of Plays"#, #""#),
    Self("S04-one-newline", #"\n"#, #"X header 1:1@0"#),
    Self("S05-bom-only", #"\xef\xbb\xbf"#, #"X header 1:1@0"#),
    Self("S05-bom-and-blank-lines", #"\xef\xbb\xbf\r\n\n"#, #"X header 1:1@0"#),
    Self("S06-short-row", #"H+Alpha,2020-01-01\n"#, #"!2:1@26 few(2/3)"#),
    Self("S06-one-column", #"H+Alpha\n"#, #"!2:1@26 few(1/3)"#),
    Self("S07-long-row", #"H+Alpha,2020-01-01,1,extra\n"#, #"!2:20@45 many(4/3)"#),
    Self("S07-long-row-quoted", #"H+Alpha,2020-01-01,1,"",,"e"\n"#, #"!2:24@49 many(6/3)"#),
    Self(
      "S07-surplus-columns-that-are-empty", #"H+Alpha,2020-01-01,1,,"",\nBeta,2020-01-01,2,\n"#,
      #"Alpha|2020-01-01|1; Beta|2020-01-01|2"#
    ),
    Self(
      "S07-an-unquoted-comma-in-a-title", #"H+Hello, World,2020-01-01,1\n"#, #"!2:14@39 number"#
    ),
    Self(
      "S07-an-unquoted-comma-before-a-number-as-date", #"H+Hello, World,20200101,1\n"#,
      #"!2:23@48 many(4/3)"#
    ),
    Self(
      "S08-trailing-commas",
      #"Song,Date,Number of Plays,,\nAlpha,2020-01-01,1,,\nBeta,2020-01-01,2\nGamma,2020-01-01,3,,,x\n"#,
      #"Alpha|2020-01-01|1; Beta|2020-01-01|2; !4:22@88 many(6/5)"#
    ),
    Self(
      "S09-semicolons", #"Song;Date;Number of Plays\nAlpha, x;2020-01-01;1\n"#,
      #"Alpha, x|2020-01-01|1"#
    ),
    Self(
      "S09-semicolons-and-a-comma", #"Song;Date;Number of Plays, total\nAlpha;2020-01-01;1\n"#,
      #"X header 1:1@0"#
    ),
    Self(
      "S09-semicolons-and-a-quoted-comma",
      #""Song, title";Date;Number of Plays\nAlpha;2020-01-01;1\n"#, #"Alpha|2020-01-01|1"#
    ),
    Self(
      "S09-one-semicolon-is-none", #"Song;Date|Number|of Plays\nAl;pha|2020-01-01|1\n"#,
      #"Al;pha|2020-01-01|1"#
    ),
    Self(
      "S10-tabs",
      #"Song\tDate\tNumber of Plays\nAlpha\t2020-01-01\t1\n"Be\tta"\t2020-01-01\t 2 \n"#,
      #"Alpha|2020-01-01|1; Be\x09ta|2020-01-01|2"#
    ),
    Self("S10-bars", #"Song|Date|Number of Plays\nAlpha|2020-01-01|1\n"#, #"Alpha|2020-01-01|1"#),
    Self(
      "S14-html", #"<!doctype html><html><body>404 not found</body></html>"#, #"X header 1:1@0"#
    ),
    Self(
      "S15-json", #"{"Song":"Alpha","Date":"2020-01-01","Number of Plays":1}\n"#,
      #"X header 1:23@22"#
    ),
    Self(
      "S16-gzip", #"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x0b\xce\xcfK\xd7q"#,
      #"X encoding 1:1@0"#
    ),
    Self(
      "S17-zip-magic", #"PK\x03\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"#,
      #"X encoding 1:1@0"#
    ),
    Self("S18-sqlite", #"SQLite format 3\x00\x10\x00"#, #"X encoding 1:1@0"#),
    Self(
      "S18-sqlite-said-in-text", #"SQLite format 3,b,c\nAlpha,2020-01-01,1\n"#,
      #"Alpha|2020-01-01|1"#
    ),
    Self(
      "S20-preamble",
      #"Report generated 2020-01-01\n\nSong,Date,Number of Plays\nAlpha,2020-01-01,1\n"#,
      #"X header 1:1@0"#
    ),
    Self(
      "S21-footer", #"H+Alpha,2020-01-01,1\nBeta,2020-01-02,2\nTotal,,3\n"#,
      #"Alpha|2020-01-01|1; Beta|2020-01-02|2; Total||3"#
    ),
    Self(
      "S21-footer-checked", #"H+Alpha,2020-01-01,1\nBeta,2020-01-02,2\nTotal,,3\n"#,
      #"Alpha|2020-01-01|1; Beta|2020-01-02|2; !4:7@69 date"#
    ).checkingDates(),
    Self(
      "S22-two-tables",
      #"H+Alpha,2020-01-01,1\nBeta,2020-01-02,2\n\nSong,Date,Number of Plays\nGamma,2020-01-03,3\n"#,
      #"Alpha|2020-01-01|1; Beta|2020-01-02|2; Gamma|2020-01-03|3; !5:11@74 number"#
    ),
  ]
}
