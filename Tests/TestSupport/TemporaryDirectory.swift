import Foundation

/// A folder of one test's own, removed with everything in it when the last reference goes.
package final class TemporaryDirectory: Sendable {
  /// Absolute, without a trailing slash.
  package let path: String

  /// - Parameter place: The directory in which it is made; nil for where temporary files go.
  /// - Throws: What the system says.
  package init(in place: String? = nil) throws {
    let url = (place.map { URL(filePath: $0) } ?? FileManager.default.temporaryDirectory)
      .appendingPathComponent("watchd-test-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      // A test may have removed or locked its own folder; what is left lies under the system's
      // temporary directory, and a deinit has nobody to tell.
      print("left behind: \(path): \(error)")
    }
  }

  /// The path of an entry directly in the folder.
  package func path(of name: String) -> String { path + "/" + name }
}
