import CByteMask
import ContentHash
import Crypto
import TestSupport
import Testing

struct ContentHashTests {
  /// FIPS 180-4's examples, as NIST gives them.
  @Test(arguments: [true, false])
  func `the digests are those of the standard`(usesInstructions: Bool) {
    guard !usesInstructions || sha256_has_instructions() else { return }
    func digest(_ text: String) -> String {
      var hash = ContentHash(usesInstructions: usesInstructions)
      unsafe Array(text.utf8).withUnsafeBytes { unsafe hash.update($0) }
      return hash.hexadecimal
    }
    #expect(digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
  }

  @Test func `every length has the digest that swift-crypto gives it`() {
    let bytes = (0..<400).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 3) }
    for count in 0...bytes.count {
      var hash = ContentHash()
      unsafe bytes[..<count].withUnsafeBytes { unsafe hash.update($0) }
      #expect(hash.count == count)
      #expect(hash.hexadecimal == SHA256.hash(data: bytes[..<count]).hexadecimal, "\(count) bytes")
    }
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `the digest does not depend on the pieces, and asking for it changes nothing`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let bytes = (0..<20_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
    var hash = ContentHash()
    var at = 0
    while at < bytes.count {
      let most = [1, 63, 64, 65, 200, 5000].randomElement(using: &generator) ?? 1
      let end = min(bytes.count, at + Int.random(in: 0...most, using: &generator))
      unsafe bytes[at..<end].withUnsafeBytes { unsafe hash.update($0) }
      at = end
      #expect(hash.hexadecimal == SHA256.hash(data: bytes[..<at]).hexadecimal, "\(at) bytes")
    }
  }
}
