import TaskModel

/// The colours that mean something here (ECMA-48, SGR).
enum Color: Int {
  case red = 31
  case green = 32
  case yellow = 33
  case cyan = 36
}

extension Terminal {
  /// The text in a colour, or as it is where colours are not welcome.
  func colored(_ text: String, _ color: Color?) -> String {
    guard hasColor, let color else { return text }
    return "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m"
  }
}

extension TaskStatus {
  /// Nil for what needs nobody's eye.
  var color: Color? {
    switch self {
    case .queued, .cancelled: nil
    case .running: .cyan
    case .done, .duplicate: .green
    case .failed: .red
    }
  }
}
