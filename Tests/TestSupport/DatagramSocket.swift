import Foundation
import Glibc

/// The receiving end of a service manager: a bound datagram socket of a test's own.
package final class DatagramSocket: Sendable {
  /// As NOTIFY_SOCKET has it.
  package let address: String
  private let descriptor: Int32

  package init(isAbstract: Bool = false) throws {
    let path = NSTemporaryDirectory() + "notify-\(UUID().uuidString.prefix(8))"
    address = isAbstract ? "@" + path.dropFirst() : path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    var bytes = Array(address.utf8)
    if isAbstract { bytes[0] = 0 }
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    // A temporary path is shorter than the 108 bytes, and copyBytes checks it.
    unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let length = socklen_t(
      MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1))
    let bound = unsafe withUnsafePointer(to: &name) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
        unsafe bind(descriptor, general, length)
      }
    }
    guard bound == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
  }

  deinit {
    _ = close(descriptor)
    if address.hasPrefix("/") { _ = unsafe unlink(address) }
  }

  /// The next datagram that is there; nil where none is.
  package func next() throws -> String? {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = unsafe recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    if count < 0, errno == EAGAIN { return nil }
    guard count >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    return String(decoding: buffer[..<count], as: UTF8.self)
  }

  /// All that is there, a line each.
  package func lines() throws -> [String] {
    var lines: [String] = []
    while let text = try next() { lines += text.split(separator: "\n").map(String.init) }
    return lines
  }
}
