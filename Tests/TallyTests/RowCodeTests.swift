import PlayRows
import TestSupport
import Testing

/// Rows as fewer bytes: every row comes back, whatever its bytes are and wherever a block or a read ends.
struct RowCodeTests {
  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func `random rows are read back byte for byte, in blocks of any size and by reads of any size`(
    seed: UInt64
  ) throws {
    var random = SeededGenerator(seed: seed)
    let rows = (0..<600).map { _ in Self.row(using: &random) }
    for rows in [rows, rows.sorted { $0.key < $1.key }] {
      let coded = Self.encode(rows, blockLimit: Int.random(in: 1...20_000, using: &random))
      for blockLimit in [1, 300, 5000, 1 << 20] {
        let most = [1, 7, 300, 4096, 1 << 20].randomElement(using: &random) ?? 1
        #expect(Self.decode(coded, blockLimit: blockLimit, most: most) == rows)
      }
    }
  }

  /// At each limit of what is told in part, and one beside it; the row before has all, a part or nothing of it.
  @Test(arguments: [0, 1, 7, 8, 9, 15, 16, 17, 253, 254, 255, 256, 507, 508, 509, 70_000])
  func `songs of every length at a limit are read back`(length: Int) throws {
    let song = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var rows: [Row] = []
    for kept in [0, length / 2, max(0, length - 1), length] {
      rows.append(Row(Key(Array(song[..<kept]), Array("2024-01-01".utf8)), 1))
      rows.append(Row(Key(song, Array("2024-01-02".utf8)), 2))
    }
    #expect(Self.decode(Self.encode(rows), blockLimit: 100, most: 100) == rows)
  }

  @Test(arguments: [0, 1, 14, 15, 16, 17, 29, 30, 31, 1000])
  func `dates of every length at a limit are read back`(length: Int) throws {
    let date = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let rows = [0, length / 2, length, 1].map { kept in Row(Key([97], Array(date.prefix(kept))), 1)
    }
    #expect(Self.decode(Self.encode(rows), blockLimit: 100, most: 100) == rows)
  }

  @Test func `plays of every size are read back`() throws {
    let plays: [Int64] = [0, 1, 65_534, 65_535, 65_536, -1, .min, .max]
    let rows = plays.map { Row("a", "1", $0) }
    #expect(Self.decode(Self.encode(rows), blockLimit: 1 << 20, most: 3) == rows)
  }

  @Test func `rows that are alike but for one date take a sixth of their bytes`() throws {
    let rows = (0..<1000).map { Row("Your Drifting Angel", "2024-01-\(10 + $0 % 20)", 9) }
    var block = RowBlock(limit: 1 << 20)
    for row in rows { block.append(row) }
    #expect(Self.encode(rows).count < block.byteCount / 6)
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `bytes that no encoder wrote give other rows or fewer, within the memory that they take`(
    seed: UInt64
  ) throws {
    var random = SeededGenerator(seed: seed)
    let rows = (0..<300).map { _ in Self.row(using: &random) }
    for _ in 0..<50 {
      var coded = Self.encode(rows)
      for _ in 0..<Int.random(in: 1...20, using: &random) {
        coded[Int.random(in: coded.indices, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      coded.removeLast(Int.random(in: 0..<coded.count, using: &random))
      _ = Self.decode(coded, blockLimit: 2000, most: 500)
      let noise = (0..<3000).map { _ in UInt8.random(in: 0...255, using: &random) }
      _ = Self.decode(noise, blockLimit: 2000, most: 500)
    }
  }

  private static func row(using random: inout SeededGenerator) -> Row {
    func field(_ lengths: [ClosedRange<Int>]) -> [UInt8] {
      let length = Int.random(in: lengths.randomElement(using: &random) ?? 0...0, using: &random)
      // Two letters, so that neighbours have something in common.
      return (0..<length).map { _ in UInt8.random(in: 97...98, using: &random) }
    }
    let plays: [Int64] = [
      .random(in: 0...100, using: &random), .random(in: 65_530...65_540, using: &random),
      .random(in: .min ... .max, using: &random),
    ]
    let song = field([0...0, 1...10, 1...10, 10...40, 250...260, 500...520, 0...3000])
    return Row(
      Key(song, field([0...4, 10...10, 12...18, 28...40])), plays.randomElement(using: &random) ?? 0
    )
  }

  private static func encode(_ rows: [Row], blockLimit: Int = 1 << 20) -> [UInt8] {
    var encoder = RowEncoder()
    var coded: [UInt8] = []
    var block = RowBlock(limit: blockLimit)
    func flush() {
      encoder.encode(block) { bytes in
        coded += (0..<bytes.byteCount).map {
          unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self)
        }
      }
      block.removeAll()
    }
    for row in rows {
      if block.isFull { flush() }
      block.append(row)
    }
    flush()
    return coded
  }

  private static func decode(_ coded: [UInt8], blockLimit: Int, most: Int) -> [Row] {
    var decoder = RowDecoder()
    var rows: [Row] = []
    var block = RowBlock(limit: blockLimit)
    var place = 0
    while true {
      block.removeAll()
      unsafe decoder.fill(&block) { buffer in
        let count = min(most, buffer.count, coded.count - place)
        unsafe buffer.copyBytes(from: coded[place..<place + count])
        place += count
        return count
      }
      if block.isEmpty { return rows }
      rows += block.rowList()
    }
  }
}
