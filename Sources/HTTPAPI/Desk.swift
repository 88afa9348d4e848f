package import Operations

/// All that the doors answer, whichever somebody comes through.
package struct Desk: Sendable {
  private let operations: Operations
  private let commands: Commands
  private let uploads: Uploads

  package init(_ operations: Operations, _ commands: Commands, _ uploads: Uploads) {
    self.operations = operations
    self.commands = commands
    self.uploads = uploads
  }

  /// The routes of a door.
  func table(trust: Trust) -> RouteTable {
    RouteTable(
      routes: TaskAnswers(operations: operations).routes
        + UploadRoutes(uploads: uploads).routes
        + CommandRoutes(commands: commands, trust: trust).routes)
  }
}
