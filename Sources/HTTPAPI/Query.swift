import Foundation
import Hummingbird
import TaskModel

/// The parameters behind the question mark, each read as what it has to be.
struct Query {
  private let parameters: Parameters

  init(_ request: Request) {
    parameters = request.uri.queryParameters
  }

  func text(_ name: String) -> String? { parameters.get(name) }

  /// - Throws: 400 for anything but a number in the range; `fallback` where nothing is given.
  func number(
    _ name: String, in range: ClosedRange<Int>, default fallback: Int
  ) throws(Problem) -> Int {
    guard let text = parameters.get(name) else { return fallback }
    guard !text.isEmpty, text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
      let number = Int(text), range.contains(number)
    else {
      throw Problem(
        .badRequest, "\(name) takes a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// - Throws: 400 for any other word; `fallback` where nothing is given.
  func choice<Value: RawRepresentable & CaseIterable>(
    _ name: String, default fallback: Value
  ) throws(Problem) -> Value where Value.RawValue == String {
    try choice(name) ?? fallback
  }

  func choice<Value: RawRepresentable & CaseIterable>(
    _ name: String
  ) throws(Problem) -> Value? where Value.RawValue == String {
    guard let text = parameters.get(name) else { return nil }
    guard let value = Value(rawValue: text) else {
      let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
      throw Problem(.badRequest, "\(name) takes one of: \(words)")
    }
    return value
  }

  /// A value in the form that the answers have it in.
  func value<Value>(
    _ name: String, _ form: String, _ read: (String) -> Value?
  ) throws(Problem) -> Value? {
    guard let text = parameters.get(name) else { return nil }
    guard let value = read(text) else { throw Problem(.badRequest, "\(name) takes \(form)") }
    return value
  }
}
