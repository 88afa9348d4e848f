import Hummingbird

/// What every answer tells a browser not to do with it, unless its route has said otherwise.
enum SecurityHeaders {
  private static let all: [(HTTPFields.Key, String)] = [
    // Nothing that we answer is a page with parts: nothing may run, load, or be framed.
    (
      .contentSecurityPolicy,
      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    (.xContentTypeOptions, "nosniff"),
    (.xFrameOptions, "DENY"),
    (.referrerPolicy, "no-referrer"),
    (.crossOriginOpenerPolicy, "same-origin"),
    (.crossOriginResourcePolicy, "same-origin"),
    (.cacheControl, "no-store"),
  ]

  static func add(to response: inout Response) {
    for (name, value) in all where response.headers[name] == nil { response.headers[name] = value }
  }
}

extension HTTPFields.Key {
  static let xFrameOptions = named("X-Frame-Options")
  static let referrerPolicy = named("Referrer-Policy")
  static let crossOriginOpenerPolicy = named("Cross-Origin-Opener-Policy")
  static let secFetchSite = named("Sec-Fetch-Site")
  static let idempotencyKey = named("Idempotency-Key")
  static let contentDigest = named("Content-Digest")
  static let reprDigest = named("Repr-Digest")
  static let link = named("Link")
  static let lastEventID = named("Last-Event-ID")

  private static func named(_ text: String) -> HTTPFields.Key {
    guard let name = HTTPFields.Key(text) else { preconditionFailure("a constant, and a token") }
    return name
  }
}
