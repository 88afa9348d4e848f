import Hummingbird
import Operations
import TaskModel

/// What monitors ask: `/healthz`, `/readyz` and `/metrics`.
struct MonitorRoutes: Sendable {
  let monitoring: Monitoring
  let meter: RequestMeter
  let newsroom: Newsroom
  let long: LongAnswers

  var routes: [Route] {
    [
      Route(.get, "/healthz", Self.health) { _, _ in Answer.text("ok\n") },
      Route(.get, "/readyz", Self.readiness) { _, _ in
        let reasons = try await Answer.blocking { monitoring.hindrances() }
        if reasons.isEmpty { return try Answer.json(["ready": true]) }
        var problem = Problem(.serviceUnavailable, reasons.joined(separator: "; "))
        problem.members.reasons = reasons
        throw problem
      },
      Route(.get, "/metrics", Self.metrics) { _, _ in
        let snapshot = try await Answer.blocking { try monitoring.snapshot() }
        return Answer.text(
          text(snapshot), type: "text/plain; version=0.0.4; charset=utf-8")
      },
    ]
  }

  private func text(_ snapshot: Monitoring.Snapshot) -> String {
    var page = Exposition()
    page.add(
      "watchd_ready", .gauge,
      "1 where a file that comes now is taken and done; 0 where /readyz says why not.",
      snapshot.isReady ? 1 : 0)
    addTasks(snapshot, to: &page)
    addHindrances(snapshot, to: &page)
    addInbox(snapshot, to: &page)
    page.add(
      "watchd_database_bytes", .gauge, "Size of the database, without its log.",
      Double(snapshot.databaseBytes))
    page.add(
      "watchd_wal_bytes", .gauge, "Size of the database's write-ahead log.",
      Double(snapshot.walBytes))
    page.add(
      "watchd_event_streams", .gauge, "Clients that listen to /events or wait for a result.",
      Double(newsroom.listenerCount))
    addLongAnswers(long.counts, to: &page)
    page.add(
      "watchd_http_requests_total", .counter, "Requests, by route and status of the answer.",
      meter.requests.sorted { ($0.key.route, $0.key.status) < ($1.key.route, $1.key.status) }.map {
        (
          [
            ("method", $0.key.method), ("route", $0.key.route), ("status", "\($0.key.status)"),
          ], Double($0.value)
        )
      })
    page.add(
      "watchd_http_request_seconds", "Time until the answer began.", [([], meter.seconds)])
    return page.text
  }

  private func addLongAnswers(_ counts: LongAnswers.Counts, to page: inout Exposition) {
    page.add(
      "watchd_http_long_answers", .gauge,
      "Answers that take seconds (large results, totals), by whether they wait for their turn.",
      [
        ([("state", "running")], Double(counts.running)),
        ([("state", "waiting")], Double(counts.waiting)),
      ])
    page.add(
      "watchd_http_long_answers_abandoned_total", .counter,
      "Of these, given up because their client was gone.", Double(counts.abandoned))
    page.add(
      "watchd_http_long_answers_refused_total", .counter,
      "Of these, refused because too many waited.", Double(counts.refused))
  }

  private func addTasks(_ snapshot: Monitoring.Snapshot, to page: inout Exposition) {
    page.add(
      "watchd_tasks", .gauge, "Tasks in the manifest, by status.",
      TaskStatus.allCases.map { ([("status", $0.rawValue)], Double(snapshot.tasks[$0] ?? 0)) })
    page.add(
      "watchd_oldest_queued_seconds", .gauge,
      "Age of the task that waits for the longest time; 0 where none waits.",
      Self.age(of: snapshot.oldestQueued, snapshot.now))
    let done = snapshot.done
    page.add(
      "watchd_tasks_ended_total", .counter,
      "Tasks that came to an end since the start, by how; duplicate among them.",
      [TaskStatus.done, .duplicate, .failed].map {
        ([("status", $0.rawValue)], Double(done.ended[$0] ?? 0))
      })
    page.add(
      "watchd_rows_read_total", .counter, "Rows of ended tasks.", Double(done.rowsRead))
    page.add(
      "watchd_rows_rejected_total", .counter, "Rejected rows of ended tasks.",
      Double(done.rowsRejected))
    page.add(
      "watchd_bytes_read_total", .counter, "Bytes of the files of ended tasks.",
      Double(done.bytesRead))
    page.add(
      "watchd_task_seconds", "From when a file was taken until its task was over.",
      [([], done.latency)])
    page.add(
      "watchd_task_processing_seconds", "The same without the time in the queue.",
      [([], done.processing)])
  }

  private func addHindrances(_ snapshot: Monitoring.Snapshot, to page: inout Exposition) {
    page.add(
      "watchd_tasks_waiting", .gauge,
      "Tasks that wait for their next attempt, by what the machine failed the last one in.",
      snapshot.hindrances.map { ([("reason", $0.reason)], Double($0.waiting)) })
    page.add(
      "watchd_attempts_failed_total", .counter,
      "Attempts that the machine failed since the start; none counts against its file.",
      snapshot.hindrances.map { ([("reason", $0.reason)], Double($0.failures)) })
  }

  /// In seconds; 0 for nothing.
  private static func age(of time: Timestamp?, _ now: Timestamp) -> Double {
    Double(max(0, time.map { now.milliseconds - $0.milliseconds } ?? 0)) / 1000
  }

  private func addInbox(_ snapshot: Monitoring.Snapshot, to page: inout Exposition) {
    let counters = snapshot.inbox
    page.add(
      "watchd_inbox_files", .gauge, "Files that lie in the inbox and were looked at, by why.",
      counters.waiting.map { ([("reason", $0.reason)], Double($0.files)) })
    page.add(
      "watchd_inbox_oldest_waiting_seconds", .gauge,
      "Since when the file waits that has waited longest to be taken; 0 where none does.",
      Self.age(of: counters.waitingSince, snapshot.now))
    page.add(
      "watchd_inbox_claimed_total", .counter, "Files taken from the inbox since the start.",
      Double(counters.claimed))
    page.add(
      "watchd_inbox_overflows_total", .counter, "Overflows of the kernel's queue of events.",
      Double(counters.overflows))
    page.add(
      "watchd_inbox_rescans_total", .counter, "Looks through the whole inbox after the first.",
      Double(counters.rescans))
    page.add(
      "watchd_inbox_found_by_rescan_total", .counter, "Files taken without any event.",
      Double(counters.foundByScanOnly))
    page.add(
      "watchd_inbox_last_event_timestamp_seconds", .gauge,
      "When the kernel last told of a file; 0 before the first time.",
      Double(counters.lastEvent?.milliseconds ?? 0) / 1000)
  }

  private static let health = Description(
    "Whether watchd is alive.",
    answers: [Description.Answer(200, "It is.", ["text/plain": ["type": "string"]])])
  private static let readiness = Description(
    "Whether watchd is able to take work.",
    answers: [
      .json(Schemas.reference("Readiness"), "It is."),
      .problem(503, "It is not: reasons."),
    ])
  private static let metrics = Description(
    "Metrics in Prometheus' text format.",
    answers: [Description.Answer(200, "The metrics.", ["text/plain": ["type": "string"]])])
}
