import TaskModel

/// The free space that is left to others: below it nothing new is begun.
package struct DiskSpace: Sendable {
  private let directories: [Directory]
  private let minimum: Int64

  /// - Parameters:
  ///   - directories: Each on a file system that is written to.
  ///   - minimum: Bytes that must be free on each; 0 for no bound.
  package init(of directories: [Directory], minimum: Int64) {
    self.directories = directories
    self.minimum = minimum
  }

  /// Throws `SpaceShortage` where one of the file systems has less, or what the system says.
  ///
  /// `bytes` is what is about to be written.
  package func check(with bytes: Int64 = 0) throws {
    guard minimum > 0 else { return }
    for directory in directories {
      let free = try directory.freeBytes()
      if free - minimum < bytes {
        throw SpaceShortage(path: directory.path, free: free, minimum: minimum)
      }
    }
  }
}

/// Too little free space: nothing is wrong with any file, and nothing was lost.
package struct SpaceShortage: Error, Hashable, Sendable, CustomStringConvertible {
  package let path: String
  /// Bytes.
  package let free: Int64
  package let minimum: Int64

  package init(path: String, free: Int64, minimum: Int64) {
    self.path = path
    self.free = free
    self.minimum = minimum
  }

  package var description: String {
    "it waits for disk space: \(path.escapedForTerminal) has \(ByteSize.shown(free)) free, and"
      + " \(ByteSize.shown(minimum)) are to stay free (min-free); free some, it goes on by itself"
  }
}
