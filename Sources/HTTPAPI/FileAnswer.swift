import Hummingbird
import NIOCore
import Operations
import TaskModel

/// An answer that is a file of the outbox: streamed, with ranges, and known again by its hash.
enum FileAnswer {
  /// Little enough for a slow client to have it soon, when the daemon wants to stop.
  private static let piece = 64 << 10

  static func response(
    to request: Request, _ content: OutboxContent, isDownload: Bool = true
  ) -> Response {
    let tag = "\"\(content.sha256)\""
    var headers: HTTPFields = [
      .eTag: tag, .acceptRanges: "bytes", .contentType: "text/csv; charset=utf-8",
      // Kept, but asked about each time: a task may be forgotten, and its name used again.
      .cacheControl: "private, no-cache",
      .contentDisposition: disposition(content.name),
    ]
    if let known = request.headers[.ifNoneMatch], matches(known, tag) {
      return Response(status: .notModified, headers: headers)
    }
    // A part is only asked for of the very file that the client has the rest of.
    let isSame = request.headers[.ifRange].map { $0 == tag } ?? true
    switch ByteRange(isSame ? request.headers[.range] : nil, size: content.size) {
    case .whole:
      return Response(status: .ok, headers: headers, body: body(content, 0, content.size))
    case .part(let range):
      headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound)/\(content.size)"
      return Response(
        status: .partialContent, headers: headers,
        body: body(content, range.lowerBound, Int64(range.count)))
    case .unsatisfiable:
      headers[.contentRange] = "bytes */\(content.size)"
      return Response(status: .rangeNotSatisfiable, headers: headers)
    }
  }

  private static func body(
    _ content: OutboxContent, _ start: Int64, _ length: Int64
  ) -> ResponseBody {
    ResponseBody(contentLength: Int(length)) { writer in
      var place = start
      let end = start + length
      while place < end {
        try Answer.stopsAtShutdown()
        let (from, count) = (place, Int(min(Int64(piece), end - place)))
        let bytes = try await Answer.blocking {
          let bytes = try content.read(at: from, count: count)
          // What goes out under the hash is what was hashed; the connection breaks where somebody changed it.
          try content.requireUnchanged()
          return bytes
        }
        guard !bytes.isEmpty else { throw CutFile() }
        try await writer.write(ByteBuffer(bytes: bytes))
        place += Int64(bytes.count)
      }
      try await writer.finish(nil)
    }
  }

  private struct CutFile: Error {}

  /// RFC 9110, 13.1.2: weakly compared, a list or `*`.
  private static func matches(_ header: String, _ tag: String) -> Bool {
    header == "*"
      || header.split(separator: ",").contains { candidate in
        let trimmed = candidate.drop { $0 == " " }
        return (trimmed.hasPrefix("W/") ? trimmed.dropFirst(2) : trimmed)
          .prefix { $0 != " " } == tag
      }
  }

  /// RFC 6266: for all clients what they can read of the name, for those that can the name.
  static func disposition(_ name: FileName) -> String {
    let plain = name.bytes.map { byte in
      let isPlain =
        (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
        && byte != UInt8(ascii: "%")
      return isPlain ? byte : UInt8(ascii: "_")
    }
    return "attachment; filename=\"\(String(decoding: plain, as: UTF8.self))\"; filename*=UTF-8''"
      + PercentCoding.encode(name.bytes)
  }
}
