extension FileStatus {
  /// The status of a regular file as text, `device:inode:size:modified:changed`, for a database
  /// column.
  package var text: String { "\(device):\(inode):\(size):\(modified):\(changed)" }

  /// Reads what `text` wrote; nil for anything else.
  package init?(text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 5, let device = UInt64(parts[0]), let inode = UInt64(parts[1]),
      let size = Int64(parts[2]), let modified = Int64(parts[3]), let changed = Int64(parts[4])
    else { return nil }
    self.init(
      kind: .regular, device: device, inode: inode, size: size, modified: modified,
      changed: changed)
    guard self.text == text else { return nil }
  }

  /// The same state of the same file, where a restart of the machine may lie between the two looks.
  ///
  /// Device numbers are given out in the order in which devices appear, so they do not count here;
  /// inode, size, both times to the nanosecond and the name under which the caller looks do.
  package func isSameAcrossRestart(as other: FileStatus) -> Bool {
    kind == other.kind && inode == other.inode && size == other.size
      && modified == other.modified && changed == other.changed
  }
}
