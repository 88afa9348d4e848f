extension Case {
  static let quoting: [Self] = [
    Self(
      "Q01-quoted-comma-quote", #"H+"Hello, ""World""",2020-01-01,1\n"#,
      #"Hello, "World"|2020-01-01|1"#
    ),
    Self("Q04-quote-in-middle", #"H+Al"pha,2020-01-01,1\n"#, #"Al"pha|2020-01-01|1"#),
    Self(
      "Q04-quotes-in-the-middle-open-nothing", #"H+Al"p,ha",2020-01-01,1\nA""B,"2020-01-01",1\n"#,
      #"A""B|2020-01-01|1; !2:10@35 number"#
    ),
    Self(
      "Q05-text-after-quote", #"H+"Alpha"x,2020-01-01,1\nB,2020-01-01,1\n"#,
      #"B|2020-01-01|1; !2:8@33 text"#
    ),
    Self(
      "Q05-text-after-quote-hides-no-separator",
      #"H+"Alpha"x"y,2020-01-01,1\n"A"" "x,"2020-01-01" ,1\n"#, #"!2:8@33 text; !3:7@56 text"#
    ),
    Self(
      "Q05-text-after-quote-behind-a-bad-number", #"H+A,2020-01-01,"x"y\nA,2020-01-01,"5"y\n"#,
      #"!2:15@40 number; !3:17@60 text"#
    ),
    Self("Q06-space-before-quote", #"H+ "Alpha, x",2020-01-01,1\n"#, #"!2:13@38 number"#),
    Self("Q07-backslash-escape", #"H+"Al\\"pha",2020-01-01,1\n"#, #"!2:6@31 text"#),
    Self(
      "Q08-all-quoted",
      #""Song","Date","Number of Plays"\n"Alpha","2020-01-01","1"\n"Be""ta","2020-01-02","2"\n"#,
      #"Alpha|2020-01-01|1; Be"ta|2020-01-02|2"#
    ),
    Self("Q09-empty-quoted", #"H+"",2020-01-01,1\n"#, #"|2020-01-01|1"#),
    Self(
      "Q09-only-quotes", #"H+"""",2020-01-01,1\n"""""",2020-01-01,1\n""\n"#,
      #""|2020-01-01|1; ""|2020-01-01|1; !4:1@64 few(1/3)"#
    ),
    Self("Q11-single-quotes", #"H+'Alpha, x',2020-01-01,1\n"#, #"!2:12@37 number"#),
    Self(
      "Q12-bare-cr-after-quote", #"H+"Alpha"\r,2020-01-01,1\n"#, #"|2020-01-01|1; !2:1@26 few(1/3)"#
    ),
    Self(
      "unclosed-quote", #"H+Alpha,2020-01-01,1\n"Beta,2020-01-02,2\nGamma,2020-01-02,2\n"#,
      #"Alpha|2020-01-01|1; X unclosedQuote 3:1@45"#
    ),
    Self(
      "unclosed-quote-in-a-later-field-and-line", #"H+"A\nB\xc3\xa9\xff","2020\n"#,
      #"X unclosedQuote 3:6@35"#
    ),
    Self(
      "unclosed-quote-that-only-doubles", #"H+"Alpha"",2020-01-01,1\n"#, #"X unclosedQuote 2:1@26"#
    ),
    Self("unclosed-quote-at-the-very-end", #"H+Alpha,2020-01-01,""#, #"X unclosedQuote 2:18@43"#),
    Self(
      "unclosed-quote-in-the-header", #"Song,"Date,Number of Plays\nAlpha,2020-01-01,1\n"#,
      #"X unclosedQuote 1:6@5"#
    ),
    Self("quotes-close-at-the-very-end", #"H+"Alpha","2020-01-01","1""#, #"Alpha|2020-01-01|1"#),
    Self(
      "a-reject-keeps-its-quotes-doubled", #"H+"A ""b""","2020 ""c""",x\n"#, #"!2:24@49 number"#
    ),
  ]
}
