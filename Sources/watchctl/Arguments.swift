import Files
import Glibc
import TaskModel

/// The arguments of the command line: text for the parser, and the bytes that they are.
///
/// Linux gives bytes, and the name of a file may be no UTF-8. The parser knows text only, so it gets such an argument as `status`
/// shows such a name, `b\xFF.csv`; where a file is to be opened, its bytes are asked for here.
enum Arguments {
  static let texts: [String] = raw.map(FileName.text(of:))

  /// The bytes of an argument that the parser handed on.
  static func bytes(of text: String) -> [UInt8] { replaced[text] ?? Array(text.utf8) }

  /// The whole path of a file that an argument names, for a process with another working directory.
  ///
  /// - Throws: `FileError` where that directory is gone.
  static func wholePath(of text: String) throws(FileError) -> [UInt8] {
    let path = bytes(of: text)
    if path.first == UInt8(ascii: "/") { return path }
    var folder = [UInt8](repeating: 0, count: Int(PATH_MAX))
    // getcwd(3) writes within the room that it is told of, and ends with NUL.
    let isFound = unsafe folder.withUnsafeMutableBytes { room in
      unsafe getcwd(room.baseAddress?.assumingMemoryBound(to: CChar.self), room.count) != nil
    }
    guard isFound else { throw FileError("find", "the working directory", errno) }
    return folder.prefix { $0 != 0 } + [UInt8(ascii: "/")] + path
  }

  /// Those that are no UTF-8, by their texts.
  private static let replaced = Dictionary(
    raw.map { (FileName.text(of: $0), $0) }.filter { Array($0.utf8) != $1 },
    uniquingKeysWith: { first, _ in first })

  private static let raw: [[UInt8]] = {
    // The kernel ends each string with NUL, and nobody changes them (execve(2)).
    (0..<Int(CommandLine.argc)).compactMap { index in
      unsafe CommandLine.unsafeArgv[index].map { start in
        let count = unsafe strlen(start)
        return unsafe UnsafeBufferPointer(start: start, count: count).map { UInt8(bitPattern: $0) }
      }
    }
  }()
}
