import Hummingbird
package import Operations

/// All that the doors answer, whichever somebody comes through.
package struct Desk: Sendable {
  private let operations: Operations
  private let commands: Commands
  private let uploads: Uploads
  private let monitoring: Monitoring
  private let tables: ResultTables
  private let newsroom: Newsroom
  private let meter = RequestMeter()
  private let long = LongAnswers()

  package init(
    _ operations: Operations, _ commands: Commands, _ uploads: Uploads, _ monitoring: Monitoring
  ) {
    self.operations = operations
    self.commands = commands
    self.uploads = uploads
    self.monitoring = monitoring
    tables = ResultTables(operations)
    newsroom = Newsroom(operations)
  }

  /// To be called after each commit: brief, from any thread.
  package func ring() { newsroom.ring() }

  /// The routes of a door.
  func table(trust: Trust) -> RouteTable {
    let described =
      TaskAnswers(operations: operations, uploadLimit: uploads.limit).routes
      + ResultRoutes(operations: operations, tables: tables, newsroom: newsroom, long: long)
      .routes
      + TotalsRoutes(operations: operations, long: long).routes
      + EventRoutes(operations: operations, newsroom: newsroom).routes
      + UploadRoutes(uploads: uploads).routes
      + CommandRoutes(commands: commands, trust: trust).routes
      + MonitorRoutes(monitoring: monitoring, meter: meter, newsroom: newsroom, long: long).routes
    let document = OpenAPIDocument(routes: described, trust: trust)
    let description = Route(.get, "/openapi.json", nil) { _, _ in try Answer.json(document.json) }
    return RouteTable(routes: described + [description] + PageRoutes.routes, meter: meter)
  }
}
