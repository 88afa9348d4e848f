import ArgumentParser
import Operations
import TaskStore

/// `watchctl totals`: what all done files hold together.
struct Totals: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows the totals across all done files.",
    discussion: """
      A row a song and date, sorted as in a result; with --top a row a song, the largest sums first. Songs and \
      dates are compared byte by byte. Sums are exact, beyond 64 bits too.
      """)

  @Option(help: ArgumentHelp("Only this song.", valueName: "S"))
  var song: String?

  @Option(help: ArgumentHelp("Only dates from this one on.", valueName: "D"))
  var from: String?

  @Option(help: ArgumentHelp("Only dates up to this one.", valueName: "D"))
  var to: String?

  @Option(help: ArgumentHelp("The songs with the most plays, so many.", valueName: "N"))
  var top: Int?

  @Flag var format: RowFormat = .table

  @Flag(help: "Bars, one a song (the 20 largest, or --top), and a line of the dates.")
  var plot = false

  @OptionGroup var state: StateOption

  /// How many bars there are without --top.
  private static let bars = 20

  func validate() throws {
    if let top, top < 1 { throw ValidationError("--top takes a number from 1 on") }
    if plot, format != .table { throw ValidationError("--plot draws: leave --csv and --json out") }
  }

  func run() throws {
    if plot { return try draw() }
    var question = question(top == nil ? .songAndDate : .song)
    question.limit = top
    let titles: (table: [String], csv: [String], keys: [String]) =
      top == nil
      ? (
        ["Song", "Date", "Plays"], ["Song", "Date", "Total Number of Plays for Date"],
        ["song", "date", "plays"]
      )
      : (["Song", "Plays"], ["Song", "Total Number of Plays"], ["song", "plays"])
    var printer = try RowPrinter(
      titles: format == .csv ? titles.csv : titles.table, keys: titles.keys, format: format,
      terminal: .ofStandardOutput())
    try state.withOperations { operations in
      try operations.totals(question) { names, sum in
        try printer.print(names.map(Cell.text) + [.integer(sum)])
      }
    }
    try printer.finish()
  }

  private func draw() throws {
    let plot = Plot(terminal: .ofStandardOutput())
    var songs: [(name: String, sum: Int128)] = []
    var dates: [(name: String, sum: Int128)] = []
    try state.withOperations { operations in
      if song == nil {
        var question = question(.song)
        question.limit = top ?? Self.bars
        try operations.totals(question) { names, sum in songs.append((names[0], sum)) }
      }
      try operations.totals(question(.date)) { names, sum in dates.append((names[0], sum)) }
    }
    if dates.isEmpty { return try StandardOutput.show("No plays.\n") }
    let bars = song == nil ? plot.bars(songs) + "\n" : ""
    try StandardOutput.show(bars + plot.line(dates))
  }

  private func question(_ grouping: TotalsQuestion.Grouping) -> TotalsQuestion {
    TotalsQuestion(grouping, song: song, from: from, to: to)
  }
}
