import Foundation
import Testing

@testable import HTTPAPI

/// What /openapi.json says of answers that `watchctl --json` gives as well is what `Schemas/watchd.schema.json` says of them.
///
/// Two descriptions are kept, for one stands in a file that people install and the other in a running daemon. They have the same
/// members, the same of which are always there, and each has the same types and words.
struct SchemasTests {
  private typealias Object = [String: Any]

  private let file: Object

  init() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
    let data = try Data(contentsOf: URL(fileURLWithPath: root + "/Schemas/watchd.schema.json"))
    let whole = try #require(try JSONSerialization.jsonObject(with: data) as? Object)
    file = try #require(whole["$defs"] as? Object)
  }

  /// A schema of the daemon's, as the JSON that it is told as.
  private func told(_ name: String) throws -> Object {
    let schema = try #require(Schemas.all[name])
    return try #require(
      try JSONSerialization.jsonObject(with: try JSONEncoder().encode(schema)) as? Object)
  }

  /// Follows a reference into either description, and merges what stands beside it.
  private func resolved(_ schema: Object) throws -> Object {
    guard let reference = schema["$ref"] as? String else { return schema }
    let name = try #require(reference.split(separator: "/").last.map(String.init))
    let target = try resolved(
      reference.hasPrefix("#/$defs/") ? try #require(file[name] as? Object) : try told(name))
    return target.merging(schema) { first, second in
      switch (first, second) {
      case (let first as Object, let second as Object): first.merging(second) { $1 }
      case (let first as [String], let second as [String]): first + second
      default: second
      }
    }
  }

  /// Each member of a schema, and of what it holds, with what it may be.
  private func members(_ schema: Object, _ path: String) throws -> [String: Set<String>] {
    let schema = try resolved(schema)
    var found: [String: Set<String>] = [path: try kinds(schema)]
    if let properties = schema["properties"] as? [String: Object] {
      let required = Set(schema["required"] as? [String] ?? [])
      for (name, property) in properties {
        let own = try members(property, path + "." + name + (required.contains(name) ? "" : "?"))
        found.merge(own) { $1 }
      }
    }
    if let items = schema["items"] as? Object {
      found.merge(try members(items, path + "[]")) { $1 }
    }
    return found
  }

  private func kinds(_ schema: Object) throws -> Set<String> {
    if let choices = schema["anyOf"] as? [Object] {
      return try choices.reduce(into: []) { $0.formUnion(try kinds(try resolved($1))) }
    }
    if let type = schema["type"] as? String { return [type] }
    if let types = schema["type"] as? [String] { return Set(types) }
    return Set((schema["enum"] as? [Any] ?? []).map { $0 is String ? "string" : "null" })
  }

  @Test(arguments: [
    ("Task", "task"), ("TaskDetail", "taskDetail"), ("Pruned", "pruned"),
  ])
  func `both descriptions of an answer say the same`(told name: String, file key: String) throws {
    let daemon = try members(try told(name), "")
    let installed = try members(try #require(file[key] as? Object), "")
    #expect(daemon.keys.sorted() == installed.keys.sorted())
    for (path, kinds) in daemon { #expect(installed[path] == kinds, "\(path)") }
    #expect(daemon.count > 9)
  }

  @Test func `both know the same statuses and phases`() throws {
    let task = try #require(
      try resolved(try told("Task"))["properties"] as? [String: Object])
    let keys = try #require(
      try resolved(["$ref": "#/$defs/task"])["properties"] as? [String: Object])
    for name in ["status", "phase"] {
      let daemon = try resolved(try #require(task[name]))["enum"] as? [Any]
      let installed = try resolved(try #require(keys[name]))["enum"] as? [Any]
      #expect(
        daemon?.compactMap { $0 as? String } == installed?.compactMap { $0 as? String }, "\(name)")
      #expect(daemon?.count ?? 0 > 1)
    }
  }
}
