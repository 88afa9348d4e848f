/// Dates from 2024-01-01 on, each between the commas of a row.
struct Days: Sendable {
  /// Up to 9999-12-31, for a year has four digits.
  static let most = 2_913_174

  private let pieces: [Piece]

  init(count: Int) {
    var (year, month, day) = (2024, 1, 1)
    var pieces: [Piece] = []
    pieces.reserveCapacity(count)
    for _ in 0..<count {
      pieces.append(Piece(",\(year)-\(Self.twoDigits(month))-\(Self.twoDigits(day)),"))
      day += 1
      if day > Self.days(of: month, in: year) { (month, day) = (month + 1, 1) }
      if month > 12 { (year, month) = (year + 1, 1) }
    }
    self.pieces = pieces
  }

  @inline(__always)
  subscript(day: Int) -> Piece { pieces[day] }

  private static func days(of month: Int, in year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}

/// The numbers of plays, each with the end of its line.
struct PlaysColumn: Sendable {
  private static let count: UInt64 = 1024

  private let pieces = (0..<Int(count)).map { Piece("\($0)\n") }
  private let isSingleDigit: Bool

  /// - Parameter isSingleDigit: True for 0 to 9; false for 0 to 1022, small ones more often.
  init(isSingleDigit: Bool) {
    self.isSingleDigit = isSingleDigit
  }

  @inline(__always)
  func next(using random: inout SplitMix) -> Piece {
    let bits = random.next()
    if isSingleDigit { return pieces[Int(SplitMix.pick(bits, of: 10))] }
    // The product of two uniform numbers is small more often than not.
    return pieces[Int((bits >> 54) * (bits >> 44 & 1023) / Self.count)]
  }
}
