import Glibc
import PlayGenerator
import Testing

struct ShapeTests {
  @Test func `low has few pairs, each about as frequent as the others`() throws {
    let pairs = try Generated(Recipe(rows: 62_000, shape: .low)).pairs
    let counts = Dictionary(grouping: pairs) { $0 }.mapValues(\.count)
    #expect(counts.count == 4 * 31)
    // 500 on average; six standard deviations.
    #expect(counts.values.allSatisfy { (366...634).contains($0) })
    let more = try Generated(Recipe(rows: 20_000, shape: .low, songs: 100, days: 3))
    #expect(Set(more.pairs).count == 300)
  }

  @Test func `zipf has as many pairs as its weights foretell`() throws {
    let rows = 100_000
    let expected = Self.expectedPairs(rows: rows, songs: 5000, days: 365)
    let pairs = Double(Set(try Generated(Recipe(rows: rows, shape: .zipf)).pairs).count)
    #expect((0.99 * expected...1.01 * expected).contains(pairs), "\(pairs) of \(expected)")
  }

  /// For ten million rows too many to make in a test, so only the weights are asked.
  @Test func `ten million rows of zipf have about 1.78 million pairs`() {
    let pairs = Self.expectedPairs(rows: 10_000_000, songs: 5000, days: 365)
    #expect((1_770_000...1_790_000).contains(pairs), "\(pairs)")
  }

  @Test func `some songs and days of zipf are far more frequent`() throws {
    let rows = try Generated(Recipe(rows: 50_000, shape: .zipf)).rows
    let fields = rows.map { $0.split(separator: ",") }
    for (column, count, share) in [(0, 5000, 0.3), (1, 365, 0.25)] {
      let counts = Dictionary(grouping: fields) { $0[column] }.values.map(\.count)
      let expected = Self.shares(count, zipfShare: share)[0] * 50_000
      let most = Double(counts.max() ?? 0)
      #expect((0.9 * expected...1.1 * expected).contains(most), "\(most) of \(expected)")
      #expect(most > 10 * 50_000 / Double(count))
    }
  }

  @Test(arguments: [
    Recipe(rows: 200_000, shape: .unique), Recipe(rows: 200_000, shape: .unique, songs: 1000),
    Recipe(rows: 1000, shape: .unique, songs: 100, days: 10),
    Recipe(rows: 1, shape: .unique, songs: 1, days: 1),
  ])
  func `unique has no pair twice, and in no order`(recipe: Recipe) throws {
    let pairs = try Generated(recipe).pairs
    #expect(pairs.count == recipe.rows)
    #expect(Set(pairs).count == recipe.rows)
    if recipe.rows > 1 {
      let ascents = zip(pairs, pairs.dropFirst()).count { $0 < $1 }
      #expect((0.4...0.6).contains(Double(ascents) / Double(recipe.rows)))
    }
    if recipe.songs == nil {
      #expect(Set(pairs.map { $0.prefix { $0 != "," } }).count == recipe.rows)
    }
  }

  @Test func `quoted titles are what Python's csv module reads`() async throws {
    let file = try Generated(Recipe(rows: 20_000, shape: .quoted))
    let found = try await PythonRows(file.bytes)
    #expect(found.rows == 20_000)
    for titles in [found.commas, found.quotes, found.lineEnds] {
      #expect(titles > 20_000 / 4)
    }
    let expected = Self.expectedPairs(rows: 20_000, songs: 5000, days: 365)
    #expect((0.98 * expected...1.02 * expected).contains(Double(found.pairs)))
  }

  @Test(arguments: [
    (Recipe.Shape.low, 19.0...21.0), (.zipf, 37...41), (.unique, 36...41), (.quoted, 45...55),
  ])
  func `a row is about as long as it is said to be`(
    shape: Recipe.Shape, bytes: ClosedRange<Double>
  ) throws {
    let file = try Generated(Recipe(rows: 100_000, shape: shape))
    #expect(bytes.contains(Double(file.bytes.count) / 100_000))
  }

  /// The expected number of different pairs: 1 - (1 - p)^rows, which is 1 - e^(-p rows) for small p.
  private static func expectedPairs(rows: Int, songs: Int, days: Int) -> Double {
    let days = shares(days, zipfShare: 0.25)
    return shares(songs, zipfShare: 0.3).reduce(0) { sum, song in
      days.reduce(sum) { $0 + 1 - exp(-Double(rows) * song * $1) }
    }
  }

  private static func shares(_ count: Int, zipfShare: Double) -> [Double] {
    let harmonic = (1...count).reduce(0) { $0 + 1 / Double($1) }
    return (1...count).map {
      (1 - zipfShare) / Double(count) + zipfShare / harmonic / Double($0)
    }
  }
}
