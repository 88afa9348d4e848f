import Crypto
import Foundation
import Hummingbird
import NIOCore

/// What a request declares of its body (RFC 9530), held against what comes.
///
/// `Content-Digest` and `Repr-Digest` say the same here, for no body is taken in another encoding than its own. Of algorithms
/// those two count that the RFC calls active; others are passed over, as it allows. Cost: a second hash of what comes, for those
/// who declare one.
struct BodyDigest {
  private var declared: [(header: HTTPFields.Key, algorithm: String, digest: Data)] = []
  private var sha256: SHA256?
  private var sha512: SHA512?

  /// - Throws: Where a header is not of the form `sha-256=:BASE64:`.
  init(declaredBy headers: HTTPFields) throws(Problem) {
    for header in [HTTPFields.Key.contentDigest, .reprDigest] {
      for member in headers[values: header].flatMap({ $0.split(separator: ",") }) {
        guard let (algorithm, digest) = Self.member(member) else {
          throw Problem(.badRequest, "\(header) has to look like sha-256=:BASE64:")
        }
        declared.append((header, algorithm, digest))
      }
    }
    if declared.contains(where: { $0.algorithm == "sha-256" }) { sha256 = SHA256() }
    if declared.contains(where: { $0.algorithm == "sha-512" }) { sha512 = SHA512() }
  }

  mutating func take(_ piece: ByteBuffer) {
    guard sha256 != nil || sha512 != nil else { return }
    unsafe piece.withUnsafeReadableBytes { bytes in
      unsafe sha256?.update(bufferPointer: bytes)
      unsafe sha512?.update(bufferPointer: bytes)
    }
  }

  /// - Throws: Where the body that was taken is not the one that was declared.
  func check() throws(Problem) {
    let found = [
      "sha-256": sha256.map { Data($0.finalize()) }, "sha-512": sha512.map { Data($0.finalize()) },
    ].compactMapValues(\.self)
    for (header, algorithm, digest) in declared {
      guard let actual = found[algorithm], actual != digest else { continue }
      throw Problem(
        .badRequest,
        "the body is not the one that \(header) declares: its \(algorithm) is \(actual.base64EncodedString())"
      )
    }
  }

  /// One of a dictionary of byte sequences (RFC 9651, 3.2): a key, and Base64 between colons; parameters mean nothing here.
  private static func member(_ text: Substring) -> (algorithm: String, digest: Data)? {
    guard let equals = text.firstIndex(of: "=") else { return nil }
    let algorithm = text[..<equals].drop { $0 == " " || $0 == "\t" }
    let value = text[text.index(after: equals)...].prefix { $0 != ";" }
      .reversed().drop { $0 == " " || $0 == "\t" }.reversed()
    let isKey = algorithm.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (0x30...0x39).contains(byte)
        || "-_.*".utf8.contains(byte)
    }
    guard isKey, !algorithm.isEmpty, value.count >= 2, value.first == ":", value.last == ":",
      let digest = Data(base64Encoded: String(value.dropFirst().dropLast()))
    else { return nil }
    return (String(algorithm), digest)
  }
}
