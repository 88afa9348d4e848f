extension Case {
  static let newlines: [Self] = [
    Self(
      "N01-cr-only", #"Song,Date,Number of Plays\rAlpha,2020-01-01,1\rBeta,2020-01-02,2\r"#,
      #"Alpha|2020-01-01|1; Beta|2020-01-02|2"#
    ),
    Self(
      "N01-cr-only-reject", #"Song,Date,Number of Plays\rAlpha,2020-01-01,1\rBeta,2020-01-02,x\r"#,
      #"Alpha|2020-01-01|1; !3:17@61 number"#
    ),
    Self(
      "N02-crlf", #"Song,Date,Number of Plays\r\nAlpha,2020-01-01,1\r\nBeta,2020-01-02,2\r\n"#,
      #"Alpha|2020-01-01|1; Beta|2020-01-02|2"#
    ),
    Self(
      "N03-mixed",
      #"Song,Date,Number of Plays\r\nA,2020-01-01,1\nB,2020-01-01,2\rC,2020-01-01,3\r\nD,2020-01-01,x\n"#,
      #"A|2020-01-01|1; B|2020-01-01|2; C|2020-01-01|3; !5:14@86 number"#
    ),
    Self(
      "N04-crcrlf", #"Song,Date,Number of Plays\r\r\nA,2020-01-01,1\r\r\nB,2020-01-01,x"#,
      #"A|2020-01-01|1; !5:14@58 number"#
    ),
    Self(
      "N05-no-final-newline", #"H+Alpha,2020-01-01,1\nBeta,2020-01-02,2"#,
      #"Alpha|2020-01-01|1; Beta|2020-01-02|2"#
    ),
    Self(
      "N06-truncated-last-row", #"H+Alpha,2020-01-01,1\nBeta,2020-01-0"#,
      #"Alpha|2020-01-01|1; !3:1@45 few(2/3)"#
    ),
    Self(
      "N07-truncated-number", #"H+Alpha,2020-01-01,1234\nBeta,2020-01-02,12"#,
      #"Alpha|2020-01-01|1234; Beta|2020-01-02|12"#
    ),
    Self(
      "N08-blank-lines",
      #"\n\nSong,Date,Number of Plays\n\nAlpha,2020-01-01,1\n\n\nBeta,2020-01-02,2\n\nGamma,,x\n\n"#,
      #"Alpha|2020-01-01|1; Beta|2020-01-02|2; !10:8@76 number"#
    ),
    Self(
      "N08-blank-lines-mixed",
      #"\r\n\n\rSong,Date,Number of Plays\r\r\nA,2020-01-01,1\n\r\n\rB,2020-01-01,x"#,
      #"A|2020-01-01|1; !9:14@63 number"#
    ),
    Self(
      "N09-spaces-line", #"H+   \nAlpha,2020-01-01,1\n"#, #"Alpha|2020-01-01|1; !2:1@26 few(1/3)"#
    ),
    Self(
      "N10-ctrl-z", #"H+Alpha,2020-01-01,1\nBeta,2020-01-02,2\n\x1a"#,
      #"Alpha|2020-01-01|1; Beta|2020-01-02|2; !4:1@63 few(1/3)"#
    ),
    Self(
      "N11-lf-in-quoted-song", #"H+"Line one\nLine two",2020-01-01,1\nB,2020-01-01,x\n"#,
      #"Line one\x0aLine two|2020-01-01|1; !4:14@72 number"#
    ),
    Self(
      "N12-cr-in-quoted-song",
      #"H+"A\rB",2020-01-01,1\n"A\r\nB",2020-01-01,1\n"A\nB",2020-01-01,1\nC,2020-01-01,x\n"#,
      #"A\x0dB|2020-01-01|1; A\x0d\x0aB|2020-01-01|1; A\x0aB|2020-01-01|1; !8:14@97 number"#
    ),
    Self(
      "lf-cr-is-two-line-ends", #"H+A,2020-01-01,1\n\rB,2020-01-01,x\n"#,
      #"A|2020-01-01|1; !4:14@55 number"#
    ),
    Self(
      "crlf-behind-quotes", #"H+"A\r\n","2020-01-01","1"\r\n"\n\r","2020-01-01","x"\r\n"#,
      #"A\x0d\x0a|2020-01-01|1; !6:17@69 number"#
    ),
  ]
}
