import Files
import Glibc

/// The datagram socket of a service manager, as unix(7) has it: a path, or a name that begins with @.
final class NotifySocket: Sendable {
  private let descriptor: Int32
  private let address: sockaddr_un
  private let length: socklen_t
  private let shown: String

  private static let operation = "tell the service manager at"

  init(address text: String) throws(FileError) {
    shown = text
    var bytes = Array(text.utf8)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let isAbstract = bytes.first == UInt8(ascii: "@")
    // One byte is left for the end of a path; an abstract name is as long as the length says.
    guard isAbstract || bytes.first == UInt8(ascii: "/"), bytes.count > 1,
      bytes.count < MemoryLayout.size(ofValue: address.sun_path)
    else { throw FileError(Self.operation, text, EAFNOSUPPORT) }
    if isAbstract { bytes[0] = 0 }
    // Within the bounds: the length was looked at above.
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in
      unsafe path.copyBytes(from: bytes)
    }
    let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
    length = socklen_t(offset + bytes.count + (isAbstract ? 0 : 1))
    self.address = address
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw FileError(Self.operation, text, errno) }
  }

  deinit { _ = close(descriptor) }

  /// Sends one datagram; waits where the receiver has too many unread.
  func send(_ text: String) throws(FileError) {
    var address = address
    let bytes = Array(text.utf8)
    while true {
      // Both pointers hold during the call, which reads no more than the lengths say.
      let sent = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
          unsafe sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), general, length)
        }
      }
      if sent >= 0 { return }
      guard errno == EINTR else { throw FileError(Self.operation, shown, errno) }
    }
  }
}
