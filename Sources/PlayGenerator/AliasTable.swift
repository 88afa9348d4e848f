/// A skewed choice in constant time: Walker's alias method, built as Vose (1991) does.
struct AliasTable: Sendable {
  private struct Column: Sendable {
    /// The column's own number is taken where 32 random bits are below it.
    var threshold: UInt32
    var alias: UInt32
  }

  private let columns: [Column]
  var count: Int { columns.count }

  /// - Parameters:
  ///   - count: How many numbers there are to choose from.
  ///   - zipfShare: The part of the choices in which the number `n` is as frequent as `1 / (n + 1)`; in
  ///     the rest all are equal.
  init(count: Int, zipfShare: Double) {
    var harmonic = 0.0
    for number in 1...count { harmonic += 1 / Double(number) }
    // In units of a column: their mean is 1.
    var weights = (1...count).map { number in
      1 - zipfShare + zipfShare * Double(count) / (harmonic * Double(number))
    }
    var columns = (0..<count).map { Column(threshold: .max, alias: UInt32($0)) }
    var light = (0..<count).filter { weights[$0] < 1 }
    var heavy = (0..<count).filter { weights[$0] >= 1 }
    while let small = light.popLast(), let large = heavy.last {
      columns[small].threshold = UInt32(min(weights[small] * 0x1p32, 0xFFFF_FFFF))
      columns[small].alias = UInt32(large)
      weights[large] -= 1 - weights[small]
      if weights[large] < 1 {
        heavy.removeLast()
        light.append(large)
      }
    }
    self.columns = columns
  }

  @inline(__always)
  func pick(_ bits: UInt64) -> Int {
    let number = Int(SplitMix.pick(bits >> 32, of: UInt64(columns.count)))
    let column = columns[number]
    return UInt32(truncatingIfNeeded: bits) < column.threshold ? number : Int(column.alias)
  }
}
