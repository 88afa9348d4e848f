import Hummingbird
import NIOHTTP1

/// What every request of a door passes on its way in, and every answer on its way out.
struct Gate: RouterMiddleware {
  let trust: Trust
  let table: RouteTable

  func handle(
    _ request: Request, context: DoorContext,
    next: @concurrent (Request, DoorContext) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    var response: Response
    do {
      try trust.check(request)
      response = try await next(request, context)
    } catch let error as HTTPParserError {
      // The server's own: the connection is no use any more.
      throw error
    } catch let error as HTTPError where error.status == .notFound {
      response = try missing(request).response()
    } catch {
      response = try Problem(error).response()
    }
    SecurityHeaders.add(to: &response)
    table.meter.count(
      RequestMeter.Key(
        method: response.status.code == 405 ? "" : request.method.rawValue,
        route: context.endpointPath ?? "", status: response.status.code),
      ContinuousClock.now - start)
    return response
  }

  /// No route took the request: for want of the path, or of the method.
  private func missing(_ request: Request) -> Problem {
    let methods = table.methods(of: request.uri.path)
    guard !methods.isEmpty, !methods.contains(request.method) else {
      return Problem(.notFound, "there is nothing at this path; /openapi.json lists what there is")
    }
    let allowed = methods.map(\.rawValue).sorted().joined(separator: ", ")
    return Problem(
      .methodNotAllowed, "this path takes \(allowed)", headers: [.allow: allowed])
  }
}
