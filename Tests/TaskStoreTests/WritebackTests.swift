import CLinux
import Foundation
import Glibc
import TestSupport
import Testing

@testable import TaskStore

@Suite struct WritebackTests {
  @Test func `an open store writes by the function that has the disk begin`() throws {
    let fixture = try StoreFixture()
    try fixture.done(1, [PlayRow("a", "d", 1)])
    #expect(SQLiteWriteback.hasBegun)
  }

  @Test func `what is written so is what pwrite writes, over however many stretches`() throws {
    let stretch = Int(LINUX_WRITEBACK_STRETCH)
    var dice = SeededGenerator(seed: Soak.seed)
    Soak.announce("writes of random places and lengths")
    let file = try unsafe #require(tmpfile())
    defer { unsafe fclose(file) }
    let descriptor = unsafe fileno(file)
    var expected = [UInt8](repeating: 0, count: 5 * stretch)
    #expect(ftruncate(descriptor, expected.count) == 0)
    // The places at which a stretch ends, and one byte beside them, and any.
    let edges = (0...3).flatMap { number in (-1...1).map { max(0, number * stretch + $0) } }
    let lengths = [0, 1, 24, 4096, stretch - 1, stretch, stretch + 1, 2 * stretch]
    var writes = edges.flatMap { place in lengths.map { (place, $0) } }
    for _ in 1...100 {
      writes.append(
        (Int.random(in: 0...3 * stretch, using: &dice), Int.random(in: 0...8192, using: &dice)))
    }
    for (place, length) in writes.shuffled(using: &dice) {
      let length = min(length, expected.count - place)
      let bytes = [UInt8](repeating: .random(in: 0...255, using: &dice), count: length)
      #expect(
        unsafe linux_write_and_begin_writeback(descriptor, bytes, length, place) == length)
      expected.replaceSubrange(place..<place + length, with: bytes)
    }
    var found = [UInt8](repeating: 0, count: expected.count + 1)
    #expect(unsafe pread(descriptor, &found, found.count, 0) == expected.count)
    #expect(found.dropLast() == expected[...])
  }

  @Test func `a write that fails says so as pwrite does`() {
    errno = 0
    #expect(unsafe linux_write_and_begin_writeback(-1, [1], 1, 0) == -1)
    #expect(errno == EBADF)
  }
}
