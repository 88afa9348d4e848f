import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// The help of both programs and of every command, word for word.
  ///
  /// A change of it is a change of what people were told: it shows as a difference in these files. `make help-texts`
  /// writes them anew.
  @Suite struct Help {
    private static let recorded = Programs.script("help")
    private static let root: String =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path

    private func texts(in folder: String) throws -> [String: String] {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      return Dictionary(
        uniqueKeysWithValues: try names.map {
          ($0, try String(contentsOfFile: folder + "/" + $0, encoding: .utf8))
        })
    }

    @Test func `every help text is the one that was agreed on`() async throws {
      let folder = try TemporaryDirectory()
      let written = try await run(
        Self.root + "/Packaging/record-help",
        [
          URL(fileURLWithPath: Programs.watchd).deletingLastPathComponent().path,
          folder.path(of: "help"),
        ])
      #expect(written.end == .exit(0), "\(written.errorText)")
      let (now, agreed) = (try texts(in: folder.path(of: "help")), try texts(in: Self.recorded))
      #expect(now.keys.sorted() == agreed.keys.sorted(), "make help-texts writes them anew")
      for (name, text) in now.sorted(by: { $0.key < $1.key }) {
        #expect(agreed[name] == text, "\(name) is another one; make help-texts writes it anew")
        // What has no end, or no line of its own, is a text that was cut.
        #expect(text.hasPrefix("OVERVIEW: ") && text.hasSuffix("\n"), "\(name)")
      }
      #expect(now.count == 18)
    }
  }
}
