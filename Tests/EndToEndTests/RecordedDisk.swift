import Foundation
import TestSupport

/// The folders of a sandbox as values, to which recorded steps can be done, or not.
struct RecordedDisk: Sendable {
  private var files: [UInt64: [UInt8]] = [:]
  private var folders: [UInt64: [String: UInt64]] = [:]
  private let roots: [UInt64]

  /// What lies in the sandbox now.
  init(of sandbox: Sandbox) throws {
    roots = try Self.roots(of: sandbox).map(Self.inode)
    for path in Self.roots(of: sandbox) { try load(path) }
  }

  private static func roots(of sandbox: Sandbox) -> [String] {
    [sandbox.inbox, sandbox.outbox, sandbox.state]
  }

  private static func inode(_ path: String) throws -> UInt64 {
    let number = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber]
    guard let number = number as? NSNumber else { throw NeverHappened("\(path) has no inode") }
    return number.uint64Value
  }

  private mutating func load(_ path: String) throws {
    let own = try Self.inode(path)
    folders[own] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: path) {
      let inner = path + "/" + name
      var isFolder: ObjCBool = false
      _ = unsafe FileManager.default.fileExists(atPath: inner, isDirectory: &isFolder)
      let inode = try Self.inode(inner)
      folders[own]?[name] = inode
      if isFolder.boolValue {
        try load(inner)
      } else {
        files[inode] = [UInt8](try Data(contentsOf: URL(fileURLWithPath: inner)))
      }
    }
  }

  /// Does a step; one that needs what a step left out would have made does nothing.
  ///
  /// So a rename into a folder whose making is lost is lost with it: no file system that keeps one entry keeps it in a
  /// folder that it does not have, and takes the other one away.
  mutating func apply(_ step: RecordedStep) {
    switch step {
    case .write(let file, let offset, let bytes):
      var contents = files[file] ?? []
      let missing = offset + bytes.count - contents.count
      if missing > 0 { contents += Array(repeating: 0, count: missing) }
      contents.replaceSubrange(offset..<offset + bytes.count, with: bytes)
      files[file] = contents
    case .truncate(let file, let size):
      let contents = files[file] ?? []
      files[file] =
        contents.prefix(size) + Array(repeating: 0, count: max(0, size - contents.count))
    case .create(let file, let folder, let name):
      folders[folder]?[name] = file
      files[file] = files[file] ?? []
    case .makeFolder(let inner, let folder, let name):
      folders[folder]?[name] = inner
      folders[inner] = folders[inner] ?? [:]
    case .rename(let from, let old, let to, let new):
      guard let moved = folders[from]?[old], folders[to] != nil else { return }
      folders[from]?[old] = nil
      folders[to]?[new] = moved
    case .link(let file, let folder, let name): folders[folder]?[name] = file
    case .remove(let folder, let name): folders[folder]?[name] = nil
    case .sync, .syncAll, .failedSync, .failedSyncAll: break
    }
  }

  /// Writes it out into the empty folders of another sandbox.
  func write(to sandbox: Sandbox) throws {
    for (inode, path) in zip(roots, Self.roots(of: sandbox)) { try write(inode, to: path) }
  }

  private func write(_ folder: UInt64, to path: String) throws {
    // The index of the database's log is memory that processes share; it does not outlive them.
    for (name, inode) in folders[folder] ?? [:] where !name.hasSuffix("-shm") {
      let inner = path + "/" + name
      if let contents = files[inode] {
        try Data(contents).write(to: URL(fileURLWithPath: inner))
      } else {
        try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
        try write(inode, to: inner)
      }
    }
  }
}
