import CLinux
import Glibc
package import TaskModel

extension Directory {
  /// Calls `body` with each entry but "." and "..", in no order.
  ///
  /// readdir(3) and bytes: Foundation's listing replaces what is not UTF-8 with U+FFFD, and the name it
  /// returns then does not exist.
  package func forEachEntry(_ body: (FileName) throws -> Void) throws {
    // A descriptor of its own, for readdir moves the offset of the one it is given.
    let copy = unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard copy >= 0 else { throw FileError("list", path, errno) }
    guard let stream = unsafe fdopendir(copy) else {
      let code = errno
      _ = Glibc.close(copy)
      throw FileError("list", path, code)
    }
    defer { _ = unsafe closedir(stream) }
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        if errno != 0 { throw FileError("list", path, errno) }
        return
      }
      // The kernel ends d_name with NUL within the record that readdir returned.
      let bytes = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        let start = unsafe UnsafeRawPointer(pointer)
        let count = unsafe strlen(start.assumingMemoryBound(to: CChar.self))
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
      }
      if let name = FileName(bytes: bytes) { try body(name) }
    }
  }

  /// All entries, sorted by bytes.
  package func entries() throws -> [FileName] {
    var names: [FileName] = []
    try forEachEntry { names.append($0) }
    return names.sorted()
  }

  /// What lstat(2) says of an entry; nil where there is none.
  package func status(of name: FileName) throws(FileError) -> FileStatus? {
    var status = stat()
    let result = unsafe withCString(name) { name in
      unsafe fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW)
    }
    if result == 0 { return FileStatus(status) }
    if errno == ENOENT { return nil }
    throw FileError("examine", show(name), errno)
  }

  /// Opens a regular file for reading; nil where the entry is missing or anything else.
  ///
  /// O_NONBLOCK, so that a FIFO that takes the file's place between a look and the open cannot
  /// hang us; what is open is then examined through its descriptor.
  package func openFile(_ name: FileName) throws(FileError) -> OpenFile? {
    let opened = unsafe withCString(name) { name in
      unsafe openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    }
    guard opened >= 0 else {
      // ELOOP: a symbolic link; ENXIO: a socket.
      if [ENOENT, ELOOP, ENXIO].contains(errno) { return nil }
      throw FileError("open", show(name), errno)
    }
    let file = OpenFile(descriptor: opened, name: show(name))
    guard try file.status().kind == .regular else { return nil }
    return file
  }

  /// Makes a new file for writing; EEXIST where the name is taken.
  package func createFile(_ name: FileName) throws(FileError) -> OpenFile {
    let opened = unsafe withCString(name) { name in
      unsafe openat(
        descriptor, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    }
    guard opened >= 0 else { throw FileError("create", show(name), errno) }
    return OpenFile(descriptor: opened, name: show(name))
  }

  /// Opens a regular file for writing and takes away what is in it, under the name that it has; EINVAL where there is
  /// something else.
  package func emptyFile(_ name: FileName) throws(FileError) -> OpenFile {
    let opened = unsafe withCString(name) { name in
      unsafe openat(descriptor, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    }
    guard opened >= 0 else { throw FileError("open", show(name), errno) }
    let file = OpenFile(descriptor: opened, name: show(name))
    guard try file.status().kind == .regular else {
      throw FileError("write to the regular file", show(name), EINVAL)
    }
    guard ftruncate(file.descriptor, 0) == 0 else {
      throw FileError("shorten", show(name), errno)
    }
    return file
  }

  /// Makes a file without a name, which is gone when it is closed, whatever becomes of the process.
  ///
  /// - Parameter standIn: The name that it has for a moment on a file system without such files.
  /// - Returns: The file, open for reading and writing.
  /// - Throws: What the file system says.
  package func createNamelessFile(standIn: FileName) throws(FileError) -> OpenFile {
    let opened = linux_open_nameless(descriptor)
    if opened >= 0 { return OpenFile(descriptor: opened, name: path) }
    guard [EOPNOTSUPP, EISDIR, ENOENT].contains(-opened) else {
      throw FileError("create a file in", path, -opened)
    }
    try remove(standIn)
    let file = try createFile(standIn)
    try remove(standIn)
    return file
  }

  /// Renames an entry, never over another: renameat2(2), RENAME_NOREPLACE.
  package func rename(
    _ name: FileName, to target: Directory, as newName: FileName
  ) throws(FileError) {
    let code = unsafe withCString(name) { old in
      unsafe target.withCString(newName) { new in
        unsafe linux_rename_noreplace(descriptor, old, target.descriptor, new)
      }
    }
    guard code == 0 else {
      throw FileError("rename \(show(name).escapedForTerminal) to", target.show(newName), code)
    }
  }

  /// Removes an entry that is not a directory.
  ///
  /// - Returns: False where there was none.
  @discardableResult
  package func remove(_ name: FileName) throws(FileError) -> Bool {
    try unlink(name.bytes, flags: 0)
  }

  /// Removes an entry that is not a directory from a directory in this one, which is not opened for it: also where no
  /// descriptor is left.
  ///
  /// A symbolic link in the directory's place would be followed, so only for directories that are our own.
  ///
  /// - Returns: False where there was none.
  @discardableResult
  package func remove(_ name: FileName, in directory: FileName) throws(FileError) -> Bool {
    try unlink(directory.bytes + [UInt8(ascii: "/")] + name.bytes, flags: 0)
  }

  /// Removes an empty directory.
  ///
  /// - Returns: False where there was none.
  @discardableResult
  package func removeDirectory(_ name: FileName) throws(FileError) -> Bool {
    try unlink(name.bytes, flags: AT_REMOVEDIR)
  }

  private func unlink(_ name: [UInt8], flags: Int32) throws(FileError) -> Bool {
    let result = unsafe withCString(name) { unsafe unlinkat(descriptor, $0, flags) }
    if result == 0 { return true }
    if errno == ENOENT { return false }
    throw FileError("remove", path + "/" + FileName.text(of: name), errno)
  }
}
