import PlayGenerator
import Testing

struct RepeatableTests {
  @Test(arguments: Recipe.Shape.allCases)
  func `the same recipe gives the same bytes, whatever the buffer`(shape: Recipe.Shape) throws {
    let recipe = Recipe(rows: 20_000, shape: shape, seed: 7)
    let bytes = try Generated(recipe).bytes
    #expect(try Generated(recipe).bytes == bytes)
    for size in [PlayGenerator.smallestBuffer, 5001, 1 << 20] {
      #expect(try Generated(recipe, bufferSize: size).bytes == bytes)
    }
  }

  /// Known from one machine; whoever changes the words or the arithmetic on purpose changes these.
  @Test(
    arguments: [
      (Recipe.Shape.low, 0x360C_3DBB_05F0_F40A), (.zipf, 0xB030_69E2_7B2F_B193),
      (.unique, 0x3B4E_6864_2C97_1E9C), (.quoted, 0x824C_4922_8BDC_0AB3),
    ] as [(Recipe.Shape, UInt64)])
  func `the bytes are those of every other machine`(
    shape: Recipe.Shape, fingerprint: UInt64
  ) throws {
    #expect(try Generated(Recipe(rows: 5000, shape: shape)).fingerprint == fingerprint)
  }

  @Test(arguments: Recipe.Shape.allCases)
  func `another seed gives other rows`(shape: Recipe.Shape) throws {
    let files = try [0, 1, 2, .max].map { seed in
      try Generated(Recipe(rows: 100, shape: shape, seed: seed)).bytes
    }
    #expect(Set(files).count == files.count)
  }

  @Test(arguments: Recipe.Shape.allCases, [0, 1, 1000])
  func `the number of rows is exact`(shape: Recipe.Shape, rows: Int) async throws {
    let file = try Generated(Recipe(rows: rows, shape: shape))
    #expect(file.bytes.starts(with: PlayGenerator.header.utf8))
    #expect(file.bytes.last == UInt8(ascii: "\n"))
    if shape != .quoted { #expect(file.rows.count == rows) }
    #expect(try await PythonRows(file.bytes).rows == rows)
  }

  @Test(arguments: [
    (Recipe(rows: -1), RecipeError.negativeRows(-1)),
    (Recipe(rows: 1, songs: 0), .songsOutOfRange(0, most: 10_000_000)),
    (Recipe(rows: 1, shape: .low, songs: 1 << 33), .songsOutOfRange(1 << 33, most: 1 << 32)),
    (Recipe(rows: 1, days: 0), .daysOutOfRange(0)),
    (Recipe(rows: 1, days: 2_913_175), .daysOutOfRange(2_913_175)),
    (
      Recipe(rows: 21, shape: .unique, songs: 4, days: 5),
      .tooFewPairs(rows: 21, songs: 4, days: 5)
    ),
  ])
  func `a recipe that no file can follow is refused`(recipe: Recipe, error: RecipeError) {
    #expect(throws: error) { try PlayGenerator(recipe) }
    #expect(error.description.contains("ask for"))
  }
}
