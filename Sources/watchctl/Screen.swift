import Foundation

/// Draws one picture after another in the same place of a terminal; anywhere else they follow each other.
struct Screen {
  private let isTerminal = isatty(FileHandle.standardOutput.fileDescriptor) == 1

  mutating func show(_ text: String) throws {
    // Home, the text with the rest of each line erased, and the rest of the screen: no flicker, as clearing
    // it first would cause (ECMA-48: CUP, EL, ED).
    let picture =
      isTerminal
      ? "\u{1B}[H" + text.replacingOccurrences(of: "\n", with: "\u{1B}[K\n") + "\u{1B}[J" : text
    try StandardOutput.show(picture)
  }
}
