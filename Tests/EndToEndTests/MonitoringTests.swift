import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What the daemon measures is explained, and what watches it asks for nothing that is not there.
  @Suite struct Monitoring {
    private static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()

    private static func page(_ path: String) throws -> String {
      try String(contentsOf: project.appendingPathComponent(path), encoding: .utf8)
    }

    /// The first cells of the runbook's tables, where they are names of a kind.
    private static func explained(_ prefix: String) throws -> [String] {
      try page("docs/operations.md").split(separator: "\n").compactMap { line in
        line.hasPrefix("| `\(prefix)") ? line.dropFirst(3).prefix { $0 != "`" }.description : nil
      }
    }

    private struct Family {
      let name: String
      let kind: String

      /// The names of its samples, which is what rules and panels ask for.
      var samples: [String] {
        kind == "histogram" ? ["_bucket", "_sum", "_count"].map { name + $0 } : [name]
      }
    }

    /// What a running daemon says that it measures.
    private static func families() async throws -> [Family] {
      let sandbox = try Sandbox()
      let (daemon, door) = try await sandbox.openDoor()
      let text = try await door.get("/metrics").text
      #expect(text.contains("\nwatchd_ready 1\n"))
      #expect(try await daemon.stop() == .exit(0))
      return text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { line in
        let words = line.split(separator: " ").map(String.init)
        return Family(name: words[2], kind: words[3])
      }
    }

    @Test func `the runbook explains each metric, once, and no other`() async throws {
      let names = try await Self.families().map(\.name)
      #expect(names.count > 10)
      #expect(try Self.explained("watchd_").sorted() == names.sorted())
    }

    @Test func `rules and panels ask for metrics that there are`() async throws {
      let samples = Set(try await Self.families().flatMap(\.samples))
      for path in ["watchd.rules.yml", "watchd.dashboard.json"] {
        let text = try Self.page("docs/monitoring/" + path)
        let asked = text.matches(of: /watchd_[a-z_]+/).map { String($0.output) }
        #expect(asked.count >= 10)
        #expect(Set(asked).subtracting(samples) == [], "\(path)")
      }
    }

    @Test func `the runbook says of each alert what to do`() throws {
      let alerts = try Self.page("docs/monitoring/watchd.rules.yml")
        .matches(of: /alert: (\w+)/).map { String($0.output.1) }
      #expect(alerts.count > 5)
      #expect(try Self.explained("Watchd").sorted() == alerts.sorted())
    }

    @Test func `the dashboard is JSON whose panels each ask for something`() throws {
      struct Dashboard: Decodable {
        struct Panel: Decodable {
          struct Target: Decodable {
            let expr: String
          }
          let id: Int
          let title: String
          let targets: [Target]
        }
        let panels: [Panel]
      }
      let json = Data(try Self.page("docs/monitoring/watchd.dashboard.json").utf8)
      let panels = try JSONDecoder().decode(Dashboard.self, from: json).panels
      #expect(panels.count > 10)
      #expect(Set(panels.map(\.id)).count == panels.count)
      for panel in panels { #expect(!panel.targets.isEmpty, "\(panel.title)") }
    }
  }
}
