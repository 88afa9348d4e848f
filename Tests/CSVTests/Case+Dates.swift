extension Case {
  static let dates: [Self] = [
    Self("D01-basic", #"H+Alpha,20200101,1\n"#, #"Alpha|20200101|1"#).checkingDates(),
    Self("D02-iso", #"H+Alpha,2020-01-01,1\n"#, #"Alpha|2020-01-01|1"#).checkingDates(),
    Self("D03-feb30", #"H+Alpha,2020-02-30,1\n"#, #"!2:7@32 date"#).checkingDates(),
    Self(
      "D04-leap-ok", #"H+Alpha,2020-02-29,1\nAlpha,2000-02-29,1\n"#,
      #"Alpha|2020-02-29|1; Alpha|2000-02-29|1"#
    ).checkingDates(),
    Self("D05-leap-bad", #"H+Alpha,2019-02-29,1\n"#, #"!2:7@32 date"#).checkingDates(),
    Self("D06-1900-leap", #"H+Alpha,1900-02-29,1\n"#, #"!2:7@32 date"#).checkingDates(),
    Self("D07-us", #"H+Alpha,01/02/2020,1\n"#, #"!2:7@32 date"#).checkingDates(),
    Self("D08-single-digit", #"H+Alpha,2020-1-1,1\n"#, #"!2:7@32 date"#).checkingDates(),
    Self(
      "D09-year0", #"H+Alpha,0000-01-01,1\nAlpha,0001-01-01,1\n"#,
      #"Alpha|0001-01-01|1; !2:7@32 date"#
    ).checkingDates(),
    Self("D10-y10k", #"H+Alpha,10000-01-01,1\n"#, #"!2:7@32 date"#).checkingDates(),
    Self("D11-y5digits", #"H+Alpha,20200-01-01,1\n"#, #"!2:7@32 date"#).checkingDates(),
    Self(
      "D12-month13", #"H+Alpha,2020-13-01,1\nAlpha,2020-00-01,1\n"#, #"!2:7@32 date; !3:7@51 date"#
    ).checkingDates(),
    Self("D13-datetime", #"H+Alpha,2020-01-01T00:00:00Z,1\n"#, #"!2:7@32 date"#).checkingDates(),
    Self(
      "D14-datetime-tz-shift", #"H+Alpha,2020-01-01T23:59:59-12:00,1\n"#, #"!2:7@32 date"#
    ).checkingDates(),
    Self("D15-empty", #"H+Alpha,,1\n"#, #"!2:7@32 date"#).checkingDates(),
    Self("D16-space", #"H+Alpha,2020-01-01 ,1\n"#, #"!2:7@32 date"#).checkingDates(),
    Self(
      "D17-arabic",
      #"H+Alpha,\xd9\xa2\xd9\xa0\xd9\xa2\xd9\xa0-\xd9\xa0\xd9\xa1-\xd9\xa0\xd9\xa1,1\n"#,
      #"!2:7@32 date"#
    ).checkingDates(),
    Self("D18-excel-serial", #"H+Alpha,43831,1\n"#, #"!2:7@32 date"#).checkingDates(),
    Self("D19-buddhist", #"H+Alpha,2563-01-01,1\n"#, #"Alpha|2563-01-01|1"#).checkingDates(),
    Self("D20-negative", #"H+Alpha,-2020-01-01,1\n"#, #"!2:7@32 date"#).checkingDates(),
    Self("D21-1582", #"H+Alpha,1582-10-10,1\n"#, #"Alpha|1582-10-10|1"#).checkingDates(),
    Self("D22-week", #"H+Alpha,2020-W01-1,1\n"#, #"!2:7@32 date"#).checkingDates(),
    Self(
      "day-0-and-32-and-31-june",
      #"H+A,2020-01-00,1\nA,2020-01-32,1\nA,2020-06-31,1\nA,20201231,1\n"#,
      #"A|20201231|1; !2:3@28 date; !3:3@43 date; !4:3@58 date"#
    ).checkingDates(),
    Self(
      "quoted-date", #"H+A,"2020-01-31",1\nA,"2020-01-32",1\n"#, #"A|2020-01-31|1; !3:4@46 date"#
    ).checkingDates(),
    Self(
      "any-date-is-bytes", #"H+A,,1\nA, 2020 ,1\nA,yesterday,1\nA,2020-02-30,1\n"#,
      #"A||1; A| 2020 |1; A|yesterday|1; A|2020-02-30|1"#
    ),
    Self("date-beats-number-by-its-place", #"H+A,x,y\n"#, #"!2:3@28 date"#).checkingDates(),
  ]
}
