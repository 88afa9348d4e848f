extension PlaysReader {
  /// Where a reader stands between two calls, so that another one, in another process, can go on
  /// from there.
  package struct ResumePoint: Hashable, Sendable {
    /// Offset in the file of the first byte that the next reader is to be given.
    package var bytesRead: Int
    package var line: Int
    package var rowsRead: Int
    package var rowsRejected: Int
    package var header: Header
    /// The byte before `bytesRead` is a CR, so that an LF at `bytesRead` ends no line.
    package var endedWithCR: Bool

    package init(
      bytesRead: Int, line: Int, rowsRead: Int, rowsRejected: Int, header: Header,
      endedWithCR: Bool
    ) {
      self.bytesRead = bytesRead
      self.line = line
      self.rowsRead = rowsRead
      self.rowsRejected = rowsRejected
      self.header = header
      self.endedWithCR = endedWithCR
    }
  }

  /// Behind the last record that was read; nil while the header is not.
  package var resumePoint: ResumePoint? {
    header.map { header in
      ResumePoint(
        bytesRead: bytesRead, line: line, rowsRead: rowsRead, rowsRejected: rowsRejected,
        header: header, endedWithCR: endedWithCR)
    }
  }

  /// Makes a reader that goes on where another one stood, with the same options as that one.
  package init(options: CSVOptions, resumingAt point: ResumePoint) {
    self.init(options: options)
    hasBegun = true
    bytesRead = point.bytesRead
    line = point.line
    rowsRead = point.rowsRead
    rowsRejected = point.rowsRejected
    header = point.header
    endedWithCR = point.endedWithCR
  }
}
