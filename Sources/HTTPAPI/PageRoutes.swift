import Hummingbird
import NIOCore

/// The page: its files as they are in `Page`, compiled in, so that there is nothing to install and nothing to be found.
///
/// It asks nobody but us, which the policy holds the browser to, and no text becomes a script or an element there.
enum PageRoutes {
  private static let policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

  /// Whoever adds a file to the page adds it here and in Package.swift.
  static var routes: [Route] {
    typealias Files = PackageResources
    return [
      route("/", Files.index_html, "text/html"),
      route("/icon.svg", Files.icon_svg, "image/svg+xml"),
      route("/style.css", Files.style_css, "text/css"),
    ]
      + [
        ("api", Files.api_js), ("app", Files.app_js), ("chart", Files.chart_js),
        ("detail", Files.detail_js), ("dom", Files.dom_js), ("format", Files.format_js),
        ("list", Files.list_js), ("live", Files.live_js), ("table", Files.table_js),
        ("tasks", Files.tasks_js), ("upload", Files.upload_js),
      ].map { route("/\($0).js", $1, "text/javascript") }
  }

  private static func route(_ path: String, _ bytes: [UInt8], _ type: String) -> Route {
    let headers: HTTPFields = [
      .contentType: "\(type); charset=utf-8", .contentSecurityPolicy: policy,
      // Asked about each time, for the page has to be of the version of the daemon.
      .cacheControl: "no-cache", .eTag: tag(bytes),
    ]
    return Route(.get, path, nil) { request, _ in
      if request.headers[.ifNoneMatch] == headers[.eTag] {
        return Response(status: .notModified, headers: headers)
      }
      return Response(
        status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
  }

  /// FNV-1a: it only has to differ from version to version.
  private static func tag(_ bytes: [UInt8]) -> String {
    let hash = bytes.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    return "\"\(String(hash, radix: 16))\""
  }
}
