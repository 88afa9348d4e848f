import Testing

/// One place where the tree breaks a rule, and what to do about it.
struct Finding: Hashable, CustomStringConvertible {
  let path: String
  /// From 1; nil where it is about the whole file.
  let line: Int?
  let sentence: String

  init(_ path: String, line: Int? = nil, _ sentence: String) {
    self.path = path
    self.line = line
    self.sentence = sentence
  }

  var description: String {
    path + (line.map { ":\($0)" } ?? "") + ": " + sentence
  }
}

/// Fails the test with every finding, one a line.
func expectNone(_ findings: [Finding], sourceLocation: SourceLocation = #_sourceLocation) {
  let list = findings.map { "\n  \($0)" }.joined()
  #expect(findings.isEmpty, "\(findings.count) found:\(list)", sourceLocation: sourceLocation)
}
