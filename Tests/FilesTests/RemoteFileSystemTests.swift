import Foundation
import Testing

@testable import Files

@Suite struct RemoteFileSystemTests {
  /// What the kernel's header says, by name.
  private let numbers: [String: Int]

  init() throws {
    let header = try String(contentsOfFile: "/usr/include/linux/magic.h", encoding: .utf8)
    let pairs = header.matches(of: /#define\s+(\w+)\s+0x([0-9A-Fa-f]+)/).compactMap { match in
      Int(match.output.2, radix: 16).map { (String(match.output.1), $0) }
    }
    numbers = Dictionary(pairs) { first, _ in first }
  }

  private func number(_ name: String) throws -> Int { try #require(numbers[name], "\(name)") }

  @Test func `what another machine or a program serves is known by the kernel's numbers`() throws {
    let remote = try [
      "NFS_SUPER_MAGIC", "SMB_SUPER_MAGIC", "CIFS_SUPER_MAGIC", "SMB2_SUPER_MAGIC",
      "FUSE_SUPER_MAGIC", "CEPH_SUPER_MAGIC", "V9FS_MAGIC", "AFS_SUPER_MAGIC", "AFS_FS_MAGIC",
      "CODA_SUPER_MAGIC",
    ].map(number)
    #expect(RemoteFileSystem.types == Set(remote))
  }

  @Test(arguments: [
    "EXT4_SUPER_MAGIC", "XFS_SUPER_MAGIC", "BTRFS_SUPER_MAGIC", "F2FS_SUPER_MAGIC", "TMPFS_MAGIC",
    "OVERLAYFS_SUPER_MAGIC",
  ])
  func `a disk of this machine is none of these`(name: String) throws {
    #expect(!RemoteFileSystem.types.contains(try number(name)))
  }
}
