import ArgumentParser
import PlayGenerator

extension Recipe.Shape: ExpressibleByArgument {}

/// `watchctl generate`: large test CSVs, repeatable from the seed.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a large CSV of plays to test with.",
    discussion: """
      The same flags give the same bytes, on every machine. Shapes: low (4 songs on 31 days), zipf \
      (5,000 songs on 365 days, some of both far more frequent than others), unique (no song and \
      date twice, in no order; a song of its own for each row unless --songs is given), quoted (as \
      zipf, with commas, quotes and line ends in the titles).
      """)

  @Option(help: ArgumentHelp("How many rows, the header aside.", valueName: "N"))
  var rows: Int

  @Option(help: ArgumentHelp("How many songs. Default: the shape's.", valueName: "N"))
  var songs: Int?

  @Option(
    help: ArgumentHelp("How many days, from 2024-01-01. Default: the shape's.", valueName: "N"))
  var days: Int?

  @Option(
    help: ArgumentHelp(
      "How songs and dates are spread over the rows.", valueName: "low|zipf|unique|quoted"))
  var shape: Recipe.Shape = .zipf

  @Option(help: ArgumentHelp("Another one gives other rows.", valueName: "N"))
  var seed: UInt64 = 1

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where to write it, instead of standard output. A file of that name is replaced once the new "
        + "one is whole.", valueName: "FILE"), completion: .file())
  var output: String?

  func run() throws {
    let recipe = Recipe(rows: rows, shape: shape, songs: songs, days: days, seed: seed)
    var generator: PlayGenerator
    do {
      generator = try PlayGenerator(recipe)
    } catch {
      throw ValidationError(error.description)
    }
    var target = try output.map(OutputFile.init) ?? OutputFile.standardOutput()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = generator.fill(&buffer)
      if count == 0 { break }
      // Whoever reads has seen enough, as `head` does.
      guard try target.write(buffer, count: count) else { return }
    }
    try target.finish()
  }
}
