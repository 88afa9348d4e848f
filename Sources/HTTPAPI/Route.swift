import Hummingbird

/// One thing that a door answers: a method on a path.
///
/// All there is to know of a door is a list of these: the router is made of it, what is said to a wrong method, and the
/// description at /openapi.json.
struct Route: Sendable {
  typealias Handler = @Sendable (Request, DoorContext) async throws -> Response

  let method: HTTPRequest.Method
  /// As the router has it: `/tasks/:task`.
  let path: String
  /// Nil for what only a browser asks for, as the parts of a page.
  let description: Description?
  let handler: Handler

  init(
    _ method: HTTPRequest.Method, _ path: String, _ description: Description?,
    _ handler: @escaping Handler
  ) {
    self.method = method
    self.path = path
    self.description = description
    self.handler = handler
  }
}

/// The routes of a door.
struct RouteTable: Sendable {
  let routes: [Route]
  let meter: RequestMeter

  /// Every request passes the gate, also one that no route is for.
  func router(behind trust: Trust) -> Router<DoorContext> {
    let router = Router(context: DoorContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: Gate(trust: trust, table: self))
    for route in routes {
      router.on(RouterPath(route.path), method: route.method, use: route.handler)
    }
    return router
  }

  /// The methods that a path has; none where nothing is there.
  func methods(of path: String) -> Set<HTTPRequest.Method> {
    let wanted = path.split(separator: "/")
    var methods: Set<HTTPRequest.Method> = []
    for route in routes {
      let parts = route.path.split(separator: "/")
      let isFitting =
        parts.count == wanted.count
        && zip(parts, wanted).allSatisfy { $0.hasPrefix(":") || $0 == $1 }
      if isFitting { methods.insert(route.method) }
    }
    if methods.contains(.get) { methods.insert(.head) }
    return methods
  }
}
