import Hummingbird
import TaskModel

/// A form on its way into a batch: each part of the field `file` is one, other fields are passed over.
struct UploadForm {
  private var reader: MultipartReader
  private var isInFile = false

  init(boundary: [UInt8]) {
    reader = MultipartReader(boundary: boundary)
  }

  mutating func read(_ piece: [UInt8], into batch: inout UploadBatch) async throws {
    for event in try reader.read(piece) {
      switch event {
      case .begin(let part):
        isInFile = part.field == Array("file".utf8)
        guard isInFile else { continue }
        guard let name = part.fileName.flatMap({ FileName(bytes: $0) }) else {
          throw Problem(
            .badRequest,
            "a file of the form has no name, or one that is none: no / and 255 bytes at most")
        }
        try await batch.begin(name)
      case .bytes(let bytes): if isInFile { try await batch.write(bytes) }
      case .end: if isInFile { try await batch.end() }
      }
    }
  }

  /// - Throws: Where the form did not come to its end.
  func finish() throws(MultipartError) { try reader.finish() }
}
