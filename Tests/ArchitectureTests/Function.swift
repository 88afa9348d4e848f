/// A function with a body, from its first line to its closing brace.
struct Function {
  let name: String
  /// From 1.
  let line: Int
  let lineCount: Int
}

/// The functions, initialisers, subscripts and computed properties of a file, nested ones as well.
func functions(of file: SourceFile) -> [Function] {
  let code = file.codeLines.joined(separator: "\n").utf8.map { $0 }
  return declarations(in: code).compactMap { (start, isVariable) in
    guard let open = bodyStart(of: code, after: start, isVariable: isVariable),
      let close = matchingBrace(in: code, from: open)
    else { return nil }
    let line = code[..<start].count { $0 == UInt8(ascii: "\n") }
    let lineCount = code[start..<close].count { $0 == UInt8(ascii: "\n") } + 1
    return Function(name: name(in: file.lines[line]), line: line + 1, lineCount: lineCount)
  }
}

/// The name as it is written: what stands before the parameters, the type or the body.
private func name(in line: Substring) -> String {
  let keywords: Set<Substring> = ["func", "var", "init", "deinit", "subscript"]
  let words = line.split(separator: " ").drop { word in
    !keywords.contains(word.prefix { $0.isLetter })
  }
  let text = words.joined(separator: " ")
  if text.hasPrefix("func `") { return String(text.dropFirst(6).prefix { $0 != "`" }) }
  let head = text.prefix { !"(:{<?".contains($0) }
  return head.split(separator: " ").last.map(String.init) ?? "init"
}

/// Where declarations begin that may have a body.
private func declarations(in code: [UInt8]) -> [(start: Int, isVariable: Bool)] {
  words(of: code).compactMap { word in
    switch word.text {
    case "func", "deinit", "subscript": (word.start, false)
    // `self.init(...)` and `.init(...)` are calls.
    case "init" where word.start == 0 || code[word.start - 1] != UInt8(ascii: "."):
      (word.start, false)
    case "var": (word.start, true)
    default: nil
    }
  }
}

private func words(of code: [UInt8]) -> [(start: Int, text: String)] {
  var words: [(Int, String)] = []
  var start: Int?
  for (at, byte) in (code + [UInt8(ascii: " ")]).enumerated() {
    let isLetter = UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    let isPart = isLetter || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == 0x5F
    if isPart, start == nil { start = at }
    if !isPart, let first = start {
      words.append((first, String(decoding: code[first..<at], as: UTF8.self)))
      start = nil
    }
  }
  return words
}

/// Words that begin the next declaration: a function before them was one without a body.
private let nextDeclaration: Set<String> = [
  "func", "var", "let", "init", "deinit", "subscript", "static", "mutating", "associatedtype",
  "struct", "enum", "class", "actor", "extension", "protocol", "case", "package", "private",
]

/// The opening brace of a declaration's body; nil where it has none.
private func bodyStart(of code: [UInt8], after start: Int, isVariable: Bool) -> Int? {
  var depth = 0
  var word = ""
  for at in start..<code.count {
    let character = Character(UnicodeScalar(code[at]))
    if character.isLetter {
      word.append(character)
      continue
    }
    if depth == 0, at > start + word.utf8.count, nextDeclaration.contains(word) { return nil }
    word = ""
    switch character {
    case "(", "[": depth += 1
    case ")", "]": depth -= 1
    case "{" where depth == 0: return at
    case "}" where depth == 0: return nil
    case "=", "\n": if isVariable, depth == 0 { return nil }
    default: break
    }
    if depth < 0 { return nil }
  }
  return nil
}

private func matchingBrace(in code: [UInt8], from open: Int) -> Int? {
  var depth = 0
  for at in open..<code.count {
    if code[at] == UInt8(ascii: "{") { depth += 1 }
    if code[at] == UInt8(ascii: "}") {
      depth -= 1
      if depth == 0 { return at }
    }
  }
  return nil
}
