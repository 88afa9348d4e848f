import Files
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Supervisor

/// What arrives at the socket of a service manager.
struct SupervisorTests {
  private let receiver: DatagramSocket
  private let manager: Supervisor

  init() throws {
    receiver = try DatagramSocket()
    manager = try Supervisor(environment: ["NOTIFY_SOCKET": receiver.address], process: 1)
  }

  @Test func `each call is one datagram, in the order of the calls`() throws {
    manager.tell(.reloading(monotonic: 42), .status("reloading"))
    manager.tell(.ready)
    manager.tell(.extendTimeout(.milliseconds(1500)), .watchdog)
    manager.tell(.stopping)
    #expect(try receiver.next() == "RELOADING=1\nMONOTONIC_USEC=42\nSTATUS=reloading")
    #expect(try receiver.next() == "READY=1")
    #expect(try receiver.next() == "EXTEND_TIMEOUT_USEC=1500000\nWATCHDOG=1")
    #expect(try receiver.next() == "STOPPING=1")
    #expect(manager.takeFailure() == nil)
  }

  @Test func `a status is one line, whatever is in it`() throws {
    manager.tell(.status("a\nREADY=1"))
    #expect(try receiver.next() == "STATUS=a READY=1")
  }

  @Test func `an abstract socket is one as well`() throws {
    let abstract = try DatagramSocket(isAbstract: true)
    try Supervisor(environment: ["NOTIFY_SOCKET": abstract.address], process: 1).tell(.ready)
    #expect(try abstract.next() == "READY=1")
  }

  @Test func `without a service manager nothing is said and nothing fails`() throws {
    let nobody = try Supervisor(environment: [:], process: 1)
    nobody.tell(.ready)
    #expect(!nobody.isThere)
    #expect(nobody.watchdog == nil)
    #expect(nobody.takeFailure() == nil)
  }

  @Test func `a manager that is gone is told of once`() throws {
    let gone = try Supervisor(
      environment: ["NOTIFY_SOCKET": "/nonexistent/socket"], process: 1)
    gone.tell(.ready)
    gone.tell(.watchdog)
    let failure = try #require(gone.takeFailure())
    #expect(failure.isMissing)
    #expect("\(failure)".hasPrefix("cannot tell the service manager at /nonexistent/socket: "))
    #expect(gone.takeFailure() == nil)
  }

  @Test(arguments: ["vsock:2:1234", "relative", "@", "/" + String(repeating: "x", count: 200)])
  func `an address that cannot be spoken to is refused`(address: String) {
    #expect(throws: FileError.self) {
      try Supervisor(environment: ["NOTIFY_SOCKET": address], process: 1)
    }
  }

  @Test(arguments: [
    (["WATCHDOG_USEC": "3000000"], Duration.seconds(3) as Duration?),
    (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"], .seconds(3)),
    (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "2"], nil),
    (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "soon"], nil),
  ])
  func `the watchdog is ours where it names us or nobody`(
    environment: [String: String], expected: Duration?
  ) throws {
    #expect(try Supervisor(environment: environment, process: 1).watchdog == expected)
  }
}
