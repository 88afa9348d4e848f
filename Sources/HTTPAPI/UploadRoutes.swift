import Hummingbird
import NIOCore
import NIOHTTP1
import Operations
import ServiceLifecycle
import TaskModel

/// The routes by which files come: `PUT /inbox/NAME` with the file as the body, `POST /upload` with a form of files.
///
/// 202 says that the bytes are durable and the manifest has the row: the client may delete its copy. Whoever does not know
/// whether that answer was on its way repeats the request and gets the same tasks: by the same `Idempotency-Key`, or as the same
/// bytes under the same name.
struct UploadRoutes: Sendable {
  let uploads: Uploads

  var routes: [Route] {
    [
      Route(.put, "/inbox/:name", Self.put) { request, context in try await put(request, context) },
      Route(.post, "/upload", Self.upload) { request, context in try await post(request, context) },
    ]
  }

  private struct Accepted: Encodable {
    /// Of the only file; absent where there are several.
    let taskID: String?
    let tasks: [UploadedFile]

    private enum CodingKeys: String, CodingKey {
      case taskID = "task_id"
      case tasks
    }
  }

  private func put(_ request: Request, _ context: DoorContext) async throws -> Response {
    guard let bytes = PercentCoding.decode(try context.parameters.require("name")),
      let name = FileName(bytes: bytes)
    else {
      throw Problem(.badRequest, "the path names no file: a name has no / and 255 bytes at most")
    }
    let key = try await Self.key(of: request)
    if let earlier = try await earlier(key) {
      guard earlier.count == 1, earlier[0].name == nil || earlier[0].name == name else {
        throw Problem(.unprocessableContent, "another upload had this Idempotency-Key")
      }
      return try accepted(earlier)
    }
    return try await receive(request, context, key: key) { batch in
      try await batch.begin(name)
      for try await piece in request.body {
        try batch.count(piece)
        try await batch.write(piece.readableBytesView)
      }
      try Task.checkCancellation()
      try await batch.end()
    }
  }

  private func post(_ request: Request, _ context: DoorContext) async throws -> Response {
    guard let boundary = Self.boundary(of: request) else {
      throw Problem(
        .unsupportedMediaType,
        "files are sent as multipart/form-data, with a boundary of 1 to 70 characters")
    }
    let key = try await Self.key(of: request)
    if let earlier = try await earlier(key) { return try accepted(earlier) }
    return try await receive(request, context, key: key) { batch in
      var form = UploadForm(boundary: boundary)
      for try await piece in request.body {
        try batch.count(piece)
        try await form.read(Array(piece.readableBytesView), into: &batch)
      }
      try Task.checkCancellation()
      try form.finish()
      guard !batch.isEmpty else {
        throw Problem(.badRequest, "the form has no file: give at least one as the field file")
      }
    }
  }

  /// Refuses what can be refused before the body, reads it, and makes tasks of it; where that fails, or watchd is stopped
  /// meanwhile, nothing is left.
  private func receive(
    _ request: Request, _ context: DoorContext, key: String?,
    _ read: @escaping @Sendable (inout UploadBatch) async throws -> Void
  ) async throws -> Response {
    let encoding = request.headers[.contentEncoding]?.lowercased() ?? "identity"
    guard encoding == "identity" else {
      throw Problem(
        .unsupportedMediaType,
        "a packed file is sent as it is, named .csv.gz, without Content-Encoding")
    }
    let digest = try BodyDigest(declaredBy: request.headers)
    if let length = request.headers[.contentLength].flatMap({ Int64($0) }) {
      guard length <= uploads.limit else { throw Problem.tooLarge(limit: uploads.limit) }
      try await telling { try await Answer.blocking { try uploads.requireRoom(for: length) } }
    }
    return try await cancelWhenGracefulShutdown {
      var batch = UploadBatch(uploads, declaring: digest)
      do {
        // Only now: a client that waits to be asked for the body has it refused without sending any.
        if request.headers[.expect] != nil { context.wantBody() }
        return try accepted(
          try await telling {
            try await read(&batch)
            return try await batch.commit(key: key)
          })
      } catch {
        await batch.discard()
        throw Problem.toBeSentAgain(error)
      }
    }
  }

  private func accepted(_ tasks: [UploadedFile]) throws -> Response {
    let only = tasks.count == 1 ? tasks.first?.taskID.description : nil
    var response = try Answer.json(Accepted(taskID: only, tasks: tasks), status: .accepted)
    if let only { response.headers[.location] = "/tasks/\(only)" }
    return response
  }

  private func earlier(_ key: String?) async throws -> [UploadedFile]? {
    guard let key else { return nil }
    let tasks = try await Answer.blocking { try uploads.earlier(key) }
    return tasks.isEmpty ? nil : tasks
  }

  private static func key(of request: Request) async throws -> String? {
    guard let key = request.headers[.idempotencyKey] else { return nil }
    guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw Problem(.badRequest, "Idempotency-Key takes 1 to 255 visible ASCII characters")
    }
    return key
  }

  private static func boundary(of request: Request) -> [UInt8]? {
    guard let type = request.headers[.contentType].map({ HeaderParameters($0.utf8) }),
      type.value == Array("multipart/form-data".utf8), let boundary = type.parameters["boundary"],
      (1...70).contains(boundary.count), boundary.allSatisfy({ (0x20...0x7E).contains($0) })
    else { return nil }
    return boundary
  }
}

extension UploadRoutes {
  private static let key = Description.Parameter.header(
    "Idempotency-Key",
    ["type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"],
    "A name of your own for this upload: repeated with it, it gives the same tasks.")
  private static let digests = ["Content-Digest", "Repr-Digest"].map { name in
    Description.Parameter.header(
      name, ["type": "string", "examples": ["sha-256=:BASE64:"]],
      "RFC 9530, sha-256 or sha-512: a body that is another is refused, and nothing of it left.")
  }
  private static let answers: [Description.Answer] = [
    .json(
      Schemas.reference("Accepted"), "The files are durable, and tasks; delete your copies.",
      status: 202),
    .problem(400, "No file, no name, or a body that was cut short or is not the one declared."),
    .problem(413, "More than max-upload."),
    .problem(415, "A form or a file is wanted, and no other encoding."),
    .problem(
      503,
      "The machine fails in it for now, or the queue is full: Retry-After. Nothing is left; send it again."
    ),
    .problem(507, "There is no room: reasons."),
  ]
  private static let put = Description(
    "Takes a file: its contents are the body.",
    parameters: [
      Description.Parameter(
        name: "name", place: .path,
        schema: ["type": "string", "pattern": "^[^./][^/]*\\.[cC][sS][vV](\\.[gG][zZ])?$"],
        meaning: "The file's name, ending in .csv or .csv.gz; percent-encoded bytes."), key,
    ] + digests,
    body: ["text/csv": [:], "application/octet-stream": [:]],
    isBodyRequired: false,
    answers: answers + [.problem(422, "Another upload had this key.")])
  private static let upload = Description(
    "Takes the files of a form, all or none.", parameters: [key] + digests,
    body: [
      "multipart/form-data": [
        "type": "object", "required": ["file"],
        "properties": ["file": ["type": "string", "contentMediaType": "text/csv"]],
      ]
    ], isBodyRequired: true, answers: answers)
}

/// Makes problems of why a file is not taken.
private func telling<Result>(_ body: () async throws -> Result) async throws -> Result {
  do {
    return try await body()
  } catch let error as UploadError {
    switch error {
    case .name(_, .other): throw Problem(.unsupportedMediaType, "\(error)")
    case .name: throw Problem(.badRequest, "\(error)")
    case .noSpace: throw Problem(.insufficientStorage, "\(error)")
    case .queueFull:
      throw Problem(.serviceUnavailable, "\(error)", headers: [.retryAfter: "2"])
    }
  } catch let error as MultipartError {
    throw Problem(.badRequest, "\(error)")
  } catch is CancellationError {
    throw Problem(.serviceUnavailable, "watchd is being stopped; send it again")
  }
}

extension Problem {
  /// Says of what may go right the next time when that is: the database is locked, above all, or watchd is being stopped.
  fileprivate static func toBeSentAgain(_ error: any Error) -> any Error {
    // The server's own, which it answers itself: see `Gate`.
    if error is HTTPParserError { return error }
    var problem = Problem(error)
    if problem.status == .serviceUnavailable { problem.headers[.retryAfter] = "2" }
    return problem
  }

  static func tooLarge(limit: Int64) -> Problem {
    Problem(
      .contentTooLarge,
      "an upload has \(ByteSize.shown(limit)) at most, all its files together (max-upload)")
  }
}

extension HTTPResponse.Status {
  /// RFC 4918, 11.5.
  static let insufficientStorage = HTTPResponse.Status(
    code: 507, reasonPhrase: "Insufficient Storage")
}
