extension Case {
  static let numbers: [Self] = [
    Self(
      "I01-max", #"H+Alpha,2020-01-01,9223372036854775807\n"#,
      #"Alpha|2020-01-01|9223372036854775807"#
    ),
    Self("I02-max-plus-1", #"H+Alpha,2020-01-01,9223372036854775808\n"#, #"!2:18@43 range"#),
    Self(
      "I03-min", #"H+Alpha,2020-01-01,-9223372036854775808\n"#,
      #"Alpha|2020-01-01|-9223372036854775808"#
    ),
    Self("I03-min-minus-1", #"H+Alpha,2020-01-01,-9223372036854775809\n"#, #"!2:18@43 range"#),
    Self("I05-negative", #"H+Alpha,2020-01-01,-5\n"#, #"Alpha|2020-01-01|-5"#),
    Self("I06-minus-zero", #"H+Alpha,2020-01-01,-0\n"#, #"Alpha|2020-01-01|0"#),
    Self("I07-plus", #"H+Alpha,2020-01-01,+5\n"#, #"Alpha|2020-01-01|5"#),
    Self(
      "I08-leading-zeros",
      #"H+Alpha,2020-01-01,0000000005\nAlpha,2020-01-01,00000000000000000000000000007\n"#,
      #"Alpha|2020-01-01|5; Alpha|2020-01-01|7"#
    ),
    Self("I09-exponent", #"H+Alpha,2020-01-01,1e3\n"#, #"!2:18@43 number"#),
    Self("I10-decimal", #"H+Alpha,2020-01-01,5.0\n"#, #"!2:18@43 number"#),
    Self("I11-underscore", #"H+Alpha,2020-01-01,1_000\n"#, #"!2:18@43 number"#),
    Self("I12-thousands", #"H+Alpha,2020-01-01,"1,000"\n"#, #"!2:19@44 number"#),
    Self("I13-space-before", #"H+Alpha,2020-01-01, 5\n"#, #"Alpha|2020-01-01|5"#),
    Self("I14-space-after", #"H+Alpha,2020-01-01,5 \n"#, #"Alpha|2020-01-01|5"#),
    Self("I15-empty", #"H+Alpha,2020-01-01,\n"#, #"!2:18@43 number"#),
    Self(
      "I15-only-spaces", #"H+Alpha,2020-01-01,  \nAlpha,2020-01-01,""\n"#,
      #"!2:18@43 number; !3:19@64 number"#
    ),
    Self("I16-arabic-indic", #"H+Alpha,2020-01-01,\xd9\xa5\n"#, #"!2:18@43 number"#),
    Self("I17-fullwidth", #"H+Alpha,2020-01-01,\xef\xbc\x95\n"#, #"!2:18@43 number"#),
    Self("I18-hex", #"H+Alpha,2020-01-01,0x10\n"#, #"!2:18@43 number"#),
    Self("I19-nan", #"H+Alpha,2020-01-01,NaN\n"#, #"!2:18@43 number"#),
    Self("I20-null", #"H+Alpha,2020-01-01,NULL\n"#, #"!2:18@43 number"#),
    Self("I21-na", #"H+Alpha,2020-01-01,NA\n"#, #"!2:18@43 number"#),
    Self("I22-formula", #"H+Alpha,2020-01-01,=1+1\n"#, #"!2:18@43 number"#),
    Self(
      "I23-quoted", #"H+Alpha,2020-01-01,"5"\nAlpha,2020-01-01," +6 "\n"#,
      #"Alpha|2020-01-01|5; Alpha|2020-01-01|6"#
    ),
    Self("I24-nbsp-thousands", #"H+Alpha,2020-01-01,1\xc2\xa0000\n"#, #"!2:18@43 number"#),
    Self("I25-minus-sign-u2212", #"H+Alpha,2020-01-01,\xe2\x88\x925\n"#, #"!2:18@43 number"#),
    Self("I26-tab", #"H+Alpha,2020-01-01,\t5\n"#, #"Alpha|2020-01-01|5"#),
    Self("I27-zero", #"H+Alpha,2020-01-01,0\n"#, #"Alpha|2020-01-01|0"#),
    Self(
      "I30-sum-overflow", #"H+Alpha,2020-01-01,9223372036854775807\nAlpha,2020-01-01,1\n"#,
      #"Alpha|2020-01-01|9223372036854775807; Alpha|2020-01-01|1"#
    ),
    Self(
      "I33-sum-cancels",
      #"H+Alpha,2020-01-01,9223372036854775807\nAlpha,2020-01-01,5\nAlpha,2020-01-01,-5\n"#,
      #"Alpha|2020-01-01|9223372036854775807; Alpha|2020-01-01|5; Alpha|2020-01-01|-5"#
    ),
    Self(
      "every-length-of-digits",
      #"H+A,d,1\nA,d,12\nA,d,123\nA,d,1234\nA,d,12345\nA,d,123456\nA,d,1234567\nA,d,12345678\nA,d,123456789\n"#,
      #"A|d|1; A|d|12; A|d|123; A|d|1234; A|d|12345; A|d|123456; A|d|1234567; A|d|12345678; A|d|123456789"#
    ),
    Self(
      "a-sign-alone", #"H+A,d,-\nA,d,+\nA,d,+-1\nA,d,- 1\nA,d,1-\n"#,
      #"!2:5@30 number; !3:5@36 number; !4:5@42 number; !5:5@50 number; !6:5@58 number"#
    ),
    Self(
      "neighbours-of-the-digits", #"H+A,d,1/\nA,d,:1\nA,d,/23456:8\nA,d,1 2\n"#,
      #"!2:5@30 number; !3:5@37 number; !4:5@44 number; !5:5@57 number"#
    ),
  ]
}
