import Files
import Foundation
import Inbox
import Logging
import TaskModel
import TaskStore
import TestSupport
import Testing

@testable import Pipeline

/// The folders and the store of a daemon, in a directory of one test's own, without the inbox's watch.
struct Workplace {
  let directory: TemporaryDirectory
  let settings: Settings
  let folders: Folders
  let store: TaskStore
  /// How the pipeline divides the reading of a file.
  var limits = IngestLimits()

  init(_ values: [Setting: String] = [:]) throws {
    let directory = try TemporaryDirectory()
    self.directory = directory
    settings = try Self.settings(values, in: directory)
    folders = try Folders(settings: settings)
    store = try TaskStore.open(directory: settings.state)
  }

  /// The same place as the next process finds it, maybe with other settings.
  init(after earlier: Workplace, _ values: [Setting: String] = [:]) throws {
    directory = earlier.directory
    settings = try Self.settings(values, in: earlier.directory)
    folders = try Folders(settings: settings)
    store = earlier.store
  }

  private static func settings(
    _ values: [Setting: String], in directory: TemporaryDirectory
  ) throws -> Settings {
    try Settings { setting in
      switch setting {
      case .inbox, .outbox, .state: directory.path(of: setting.name)
      default: values[setting] ?? setting.defaultValue
      }
    }
  }

  func pipeline(mostAttempts: Int? = 1, mostWaiting: Int = QueueFull.most) -> Pipeline {
    Pipeline(
      settings: settings, folders: folders, store: store, logger: Self.logger,
      mostAttempts: mostAttempts, limits: limits, mostWaiting: mostWaiting)
  }

  /// An inbox that only recovers; it is never run.
  var inbox: Inbox {
    Inbox(
      directory: folders.inbox, work: folders.work, wake: folders.state, logger: Self.logger,
      record: { _ in })
  }

  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// Puts a file where a claim puts it; the manifest has no row of it yet.
  func claim(_ bytes: [UInt8], as name: String = "plays.csv") throws -> ClaimedFile {
    let id = TaskID.make()
    let folder = try folders.work.directory(Folders.name(of: id))
    try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/" + name))
    return ClaimedFile(
      taskID: id, name: try #require(FileName(name)), size: Int64(bytes.count), source: nil)
  }

  func claim(_ text: String, as name: String = "plays.csv") throws -> ClaimedFile {
    try claim(Array(text.utf8), as: name)
  }

  /// Runs claimed files to their ends.
  @discardableResult
  func process(
    _ claims: [ClaimedFile], mostAttempts: Int? = 1
  ) async throws -> Pipeline.Summary {
    let pipeline = pipeline(mostAttempts: mostAttempts)
    try pipeline.record(claims)
    pipeline.close()
    try await pipeline.runWorkers()
    return pipeline.summary
  }

  func process(_ bytes: [UInt8], as name: String = "plays.csv") async throws -> TaskRecord {
    let claim = try claim(bytes, as: name)
    try await process([claim])
    return try task(claim.taskID)
  }

  func process(_ text: String, as name: String = "plays.csv") async throws -> TaskRecord {
    try await process(Array(text.utf8), as: name)
  }

  /// Starts as a process does after the last one was killed, and runs until nothing is left.
  @discardableResult
  func restart(mostAttempts: Int? = 1) async throws -> Pipeline.Summary {
    let pipeline = pipeline(mostAttempts: mostAttempts)
    try pipeline.recover(inbox)
    pipeline.close()
    try await pipeline.runWorkers()
    return pipeline.summary
  }
}

/// A header, and rows as text.
func csv(_ rows: String...) -> String {
  (["Song,Date,Number of Plays"] + rows).joined(separator: "\n") + "\n"
}
