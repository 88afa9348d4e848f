import Foundation
import TestSupport

/// A file system of a test's own; unmounted when the last reference goes.
final class Mount: Sendable {
  let path: String
  private let folder: TemporaryDirectory

  /// Why tests that need one are skipped where they are.
  static let reason: String = "needs the right to mount file systems, by a loop device too (root)"

  /// Whether this process may mount what the tests need.
  static func isPermitted() async -> Bool {
    do {
      let image = try await DiskImage(megabytes: 8)
      _ = try await image.mount()
      return true
    } catch {
      print("not permitted to mount: \(error)")
      return false
    }
  }

  private init(_ arguments: [String]) async throws {
    folder = try TemporaryDirectory()
    path = folder.path(of: "mounted")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    try await command("mount", arguments + [path])
  }

  /// Room for so many bytes, in memory.
  static func memory(bytes: Int) async throws -> Mount {
    try await Mount(["-t", "tmpfs", "-o", "size=\(bytes)", "watchd-test"])
  }

  /// Has room for so many bytes from now on; for one in memory.
  func grow(to bytes: Int) async throws {
    try await command("mount", ["-o", "remount,size=\(bytes)", path])
  }

  /// The journal is written when somebody asks for a sync, and not every five seconds besides.
  fileprivate static func loop(_ image: String) async throws -> Mount {
    try await Mount(["-t", "ext4", "-o", "loop,commit=300", image])
  }

  deinit {
    // Lazily, for a daemon that was killed may still be on its way out.
    do { _ = try ChildProcess("/usr/bin/env", ["umount", "-l", path]).waitForEnd() } catch {
      print("still mounted: \(path): \(error)")
    }
  }
}

/// A disk in a file, which can be looked at as it would be found after the power went.
final class DiskImage: Sendable {
  private let path: String

  /// Makes an empty one.
  init(megabytes: Int) async throws {
    path = Self.newPath()
    try await command("truncate", ["--size", "\(megabytes)M", path])
    try await command("mkfs.ext4", ["-q", "-F", path])
  }

  /// What the block device of another one holds at this moment, and nothing that only lies in the kernel's
  /// memory; copied until it did not change meanwhile.
  init(copyOf other: DiskImage) async throws {
    path = Self.newPath()
    let (source, copy) = (other.path, path)
    try await eventually("a copy of \(source) that is of one moment") {
      try await command("cp", ["--sparse=always", source, copy])
      return try await run("/usr/bin/env", ["cmp", "--quiet", source, copy]).end == .exit(0)
    }
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: path) } catch {
      print("left behind: \(path): \(error)")
    }
  }

  /// Mounts it; the journal is replayed as after any loss of power.
  func mount() async throws -> Mount { try await Mount.loop(path) }

  private static func newPath() -> String { Sandbox.memory + "/watchd-disk-\(UUID().uuidString)" }
}

/// Runs a program of the system, which must succeed.
private func command(_ name: String, _ arguments: [String]) async throws {
  let outcome = try await run("/usr/bin/env", [name] + arguments)
  guard outcome.end == .exit(0) else {
    throw NeverHappened("\(name) \(arguments): \(outcome.errorText)")
  }
}
