import Glibc

/// What a program says to whoever started it.
package enum StandardError {
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
