import ArgumentParser
import Foundation
import Operations
import TaskModel

/// `watchctl query`: a question in SQL.
struct Query: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answers one SQL statement; the database is only read.",
    discussion: """
      The views and tables for it: manifest (a row a task), plays (task_id, song, date, plays: what the done \
      files hold), rejects, events. Bytes that are no text are shown as x'FF00'.
      """)

  @Argument(help: ArgumentHelp("One statement that returns rows.", valueName: "SQL"))
  var sql: String

  @Flag var format: RowFormat = .table

  @OptionGroup var state: StateOption

  func run() throws {
    var printer: RowPrinter?
    try state.withOperations { operations in
      try operations.query(
        sql,
        columns: { names in
          if format == .json { try requireDistinct(names) }
          printer = try RowPrinter(
            titles: names, keys: names, format: format, terminal: .ofStandardOutput())
        }, row: { cells in try printer?.print(cells) })
    }
    try printer?.finish()
  }

  private func requireDistinct(_ names: [String]) throws {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw ValidationError(
        "two columns are called \"\(name.escapedForTerminal)\", which JSON cannot hold; name one with AS"
      )
    }
  }
}
