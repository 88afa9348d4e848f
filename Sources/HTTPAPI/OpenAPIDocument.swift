import Foundation
import Hummingbird

/// The description of a door in OpenAPI 3.1, made of the same routes as its router.
struct OpenAPIDocument {
  let routes: [Route]
  let trust: Trust

  var json: JSONValue {
    var paths: [String: JSONValue] = [:]
    for route in routes {
      guard let description = route.description else { continue }
      let path = Self.path(of: route)
      let operation = description.json(id: Self.id(of: route))
      paths[path] = (paths[path] ?? [:]).adding(route.method.rawValue.lowercased(), operation)
    }
    var document: JSONValue = [
      "openapi": "3.1.0",
      "info": [
        "title": "watchd", "version": "1",
        "description":
          "Files of plays in, totals out. Errors are problem details (RFC 9457). A request with an Origin other than ours is refused.",
      ],
      "servers": [["url": "/"]], "paths": .object(paths),
      "components": ["schemas": .object(Schemas.all)],
    ]
    if case .token = trust {
      document = document.adding("security", [["token": []], ["password": []]])
        .adding(
          "components",
          [
            "schemas": .object(Schemas.all),
            "securitySchemes": [
              "token": ["type": "http", "scheme": "bearer"],
              "password": ["type": "http", "scheme": "basic"],
            ],
          ])
    }
    return document
  }

  /// The router's `:task` is `{task}` here.
  private static func path(of route: Route) -> String {
    route.path.split(separator: "/", omittingEmptySubsequences: false)
      .map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }.joined(separator: "/")
  }

  private static func id(of route: Route) -> String {
    let words = route.path.split { $0 == "/" || $0 == "." }.map { String($0.drop { $0 == ":" }) }
    return ([route.method.rawValue.lowercased()] + words).joined(separator: "_")
  }
}
