import Glibc

/// What a program says to whoever started it.
package enum StandardError {
  /// Whether it goes to the journal: systemd then says so, and which file it is (systemd.exec(5), JOURNAL_STREAM).
  ///
  /// A process may have been given another standard error since, and keeps the variable.
  package static func isJournal(_ variable: String?) -> Bool {
    var status = stat()
    guard let variable, unsafe fstat(STDERR_FILENO, &status) == 0 else { return false }
    return variable == "\(status.st_dev):\(status.st_ino)"
  }

  /// Writes all of the text, or drops what cannot be written.
  ///
  /// Standard error may be a full disk, and there is no place left to say so; Foundation's FileHandle would
  /// end the process, with another exit code than was meant.
  package static func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      // The pointer holds during the call, which reads no more than the count.
      let count = unsafe rest.withUnsafeBytes { bytes in
        unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
      }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count == 0 || errno != EINTR {
        return
      }
    }
  }
}
