import Foundation
import TestSupport
import Testing

/// The HTTP door of a running daemon, asked by a client in Python.
struct Door: Sendable {
  let base: String
  /// For what is sent.
  private let desk: String

  /// Awaits the line of the log that says where it answers.
  init(of daemon: RunningDaemon, in sandbox: Sandbox) async throws {
    base = try await eventually("watchd says where HTTP answers") {
      for line in try daemon.logText() {
        let decoded = try JSONDecoder().decode(URLLine.self, from: Data(line.utf8))
        if decoded.message == "http", let url = decoded.url { return String(url.dropLast()) }
      }
      return nil
    }
    desk = sandbox.desk
  }

  private struct URLLine: Decodable {
    let message: String
    let url: String?
  }

  /// `HOST:PORT`.
  var authority: String { String(base.dropFirst(7)) }

  struct Answer: Decodable, Sendable {
    let status: Int
    /// By name in lower case.
    let headers: [String: String]
    let body: Data

    var text: String { String(decoding: body, as: UTF8.self) }

    func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
      try JSONDecoder().decode(type, from: body)
    }

    /// The sentence of the problem details, whose form is checked.
    func problem() throws -> String {
      #expect(headers["content-type"] == "application/problem+json", "\(text)")
      let problem = try json(Problem.self)
      #expect(problem.status == status)
      #expect(problem.type == "about:blank")
      #expect(!problem.title.isEmpty)
      return problem.detail
    }
  }

  struct Problem: Decodable {
    let type: String
    let title: String
    let status: Int
    let detail: String
  }

  private struct Asked: Encodable {
    let method: String
    let path: String
    let headers: [[String]]
    let body: Data?
  }

  func request(
    _ method: String, _ path: String, headers: [(String, String)] = [], body: Data? = nil
  ) async throws -> Answer {
    let asked = Asked(
      method: method, path: path, headers: headers.map { [$0.0, $0.1] }, body: body)
    return try await answer(["request", base], input: try JSONEncoder().encode(asked))
  }

  /// The value of a metric, by its name with its labels.
  func metric(_ name: String) async throws -> Int {
    let line = try await get("/metrics").text.split(separator: "\n")
      .first { $0.hasPrefix(name + " ") }
    return try #require(line?.split(separator: " ").last.flatMap { Int($0) }, "\(name)")
  }

  func get(_ path: String, headers: [(String, String)] = []) async throws -> Answer {
    try await request("GET", path, headers: headers)
  }

  func post(
    _ path: String, headers: [(String, String)] = [], body: String? = nil
  ) async throws -> Answer {
    try await request("POST", path, headers: headers, body: body.map { Data($0.utf8) })
  }

  func put(
    _ name: String, _ body: Data, headers: [(String, String)] = []
  ) async throws -> Answer {
    try await request("PUT", "/inbox/" + name, headers: headers, body: body)
  }

  /// Sends a file as it is read.
  func put(_ name: String, file: String, headers: [String] = []) async throws -> Answer {
    try await answer(["put", base, "/inbox/" + name, file] + headers, input: Data())
  }

  /// Sends bytes as they are, and returns what comes until the connection ends.
  func raw(_ text: String) async throws -> String {
    try await talk(["raw", base], input: Data(text.utf8)).output
  }

  /// Asks for a stream, and returns what comes of it until a text has come.
  func stream(_ path: String, headers: [String] = [], until text: String) async throws -> String {
    let head = (["GET \(path) HTTP/1.1", "Host: localhost"] + headers).joined(separator: "\r\n")
    return try await talk(["until", base, text], input: Data((head + "\r\n\r\n").utf8)).output
  }

  /// Sends bytes and resets the connection.
  func leave(after text: String) async throws {
    _ = try await talk(["leave", base], input: Data(text.utf8))
  }

  /// Sends bytes, then one more every so many seconds, until the connection ends.
  func dribble(_ text: String, every seconds: Double) async throws -> String {
    try await talk(["dribble", base, "\(seconds)"], input: Data(text.utf8)).output
  }

  /// Opens so many connections that say nothing, then asks on one more, and returns the answer.
  func crowd(of count: Int) async throws -> String {
    try await talk(
      ["crowd", base, "\(count)"],
      input: Data("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
    ).output
  }

  /// Sends so many files, `sent-0.csv`, `sent-1.csv` ..., each on a connection of its own.
  ///
  /// - Returns: The status that each was answered with; 0 where the connection ended without.
  func many(_ count: Int, width: Int) async throws -> [Int] {
    let outcome = try await talk(["many", base, "\(count)", "\(width)"], input: Data())
    return try JSONDecoder().decode([Int].self, from: outcome.standardOutput)
  }

  private func answer(_ arguments: [String], input: Data) async throws -> Answer {
    let outcome = try await talk(arguments, input: input)
    return try JSONDecoder().decode(Answer.self, from: outcome.standardOutput)
  }

  private func talk(_ arguments: [String], input: Data) async throws -> Outcome {
    let file = desk + "/asked-\(UUID().uuidString)"
    try input.write(to: URL(fileURLWithPath: file))
    let script = Programs.script("door.py")
    let outcome = try await run(
      "/bin/sh", ["-c", "exec \"$@\" < \"$0\"", file, Programs.python, script] + arguments,
      within: .seconds(300))
    guard outcome.end == .exit(0) else {
      throw NeverHappened("no answer: \(outcome.errorText)")
    }
    return outcome
  }
}

extension Sandbox {
  /// A daemon that answers over HTTP, and its door.
  func openDoor(
    _ flags: [String] = [], environment: [String: String] = [:], openFiles: Int? = nil
  ) async throws -> (RunningDaemon, Door) {
    let daemon = try await daemon(
      ["--http", "127.0.0.1:0"] + flags, environment: environment, openFiles: openFiles)
    return (daemon, try await Door(of: daemon, in: self))
  }
}
