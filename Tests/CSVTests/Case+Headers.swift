extension Case {
  static let headers: [Self] = [
    Self(
      "H01-lowercase", #"song,date,number of plays\nAlpha,2020-01-01,1\n"#, #"Alpha|2020-01-01|1"#
    ),
    Self(
      "H02-spaces", #" Song , Date ,\tNumber of Plays \nAlpha,2020-01-01,1\n"#,
      #"Alpha|2020-01-01|1"#
    ),
    Self(
      "H03-reordered", #"Date,Number of Plays,Song\n2020-01-01,1,Alpha\n2020-01-01,1\n"#,
      #"Alpha|2020-01-01|1; !3:1@45 few(2/3)"#
    ),
    Self("H04-missing", #"Song,Date\nAlpha,2020-01-01,1\n"#, #"X header 1:1@0"#),
    Self("H05-duplicate", #"Song,Date,Date\nAlpha,2020-01-01,1\n"#, #"X header 1:11@10"#),
    Self(
      "H06-dup-plus", #"Song,Date,Number of Plays,number of plays\nAlpha,2020-01-01,1,2\n"#,
      #"X header 1:27@26"#
    ),
    Self("H07-misspelt", #"Song,Date,Plays\nAlpha,2020-01-01,1\n"#, #"Alpha|2020-01-01|1"#),
    Self(
      "H08-extra", #"Song,Artist,Date,Number of Plays\nAlpha,Omega,2020-01-01,1\n"#,
      #"Alpha|2020-01-01|1"#
    ),
    Self(
      "H08-extra-that-is-missing", #"Song,Date,Number of Plays,Artist\nAlpha,2020-01-01,1\n"#,
      #"Alpha|2020-01-01|1"#
    ),
    Self(
      "H09-nbsp", #"Song,Date,Number\xc2\xa0of\xc2\xa0Plays\nAlpha,2020-01-01,1\n"#,
      #"Alpha|2020-01-01|1"#
    ),
    Self(
      "H10-quoted", #""Song","Date","Number of Plays"\nAlpha,2020-01-01,1\n"#,
      #"Alpha|2020-01-01|1"#
    ),
    Self(
      "H11-cyrillic", #"\xd0\x85\xd0\xbeng,Date,Number of Plays\nAlpha,2020-01-01,1\n"#,
      #"Alpha|2020-01-01|1"#
    ),
    Self("H12-none", #"Alpha,2020-01-01,1\nAlpha,2020-01-01,1\n"#, #"X header 1:18@17"#),
    Self(
      "H12-none-with-a-number-too-large", #"Alpha,2020-01-01, 99999999999999999999 \n"#,
      #"X header 1:18@17"#
    ),
    Self("H12-none-quoted", #"Alpha,2020-01-01,"1"\n"#, #"X header 1:19@18"#),
    Self(
      "H13-crlf-in-header",
      #"Song,Date,"Number\r\nof Plays"\nAlpha,2020-01-01,1\nBeta,2020-01-01,x\n"#,
      #"Alpha|2020-01-01|1; !4:17@64 number"#
    ),
    Self(
      "H14-trailing-comma",
      #"Song,Date,Number of Plays,\nAlpha,2020-01-01,1\nBeta,2020-01-01,1,\n"#,
      #"Alpha|2020-01-01|1; Beta|2020-01-01|1"#
    ),
    Self(
      "nul-in-header", #"So\x00ng,Date,Number of Plays\nAlpha,2020-01-01,1\n"#, #"X header 1:3@2"#
    ),
    Self("latin1-in-header", #"Titel,Dat\xe9,Zahl\nAlpha,2020-01-01,1\n"#, #"X header 1:10@9"#),
    Self(
      "text-after-quote-in-header", #""Song"x,Date,Number of Plays\nAlpha,2020-01-01,1\n"#,
      #"X header 1:7@6"#
    ),
    Self(
      "text-after-quote-before-a-bad-byte", #""Song"x,Dat\xe9,Number of Plays\n"#,
      #"X header 1:7@6"#
    ),
  ]
}
