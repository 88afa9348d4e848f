import TaskModel

extension Timestamp {
  /// Reads a time as RFC 3339 has it: with a fraction or none, in UTC or with its distance from it.
  init?(internet text: String) {
    let form =
      /([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))/
    guard let parts = text.wholeMatch(of: form)?.output else { return nil }
    let fraction = String((parts.3 ?? "").prefix(3))
    let milliseconds = fraction + String(repeating: "0", count: 3 - fraction.count)
    guard let local = Timestamp("\(parts.1)T\(parts.2).\(milliseconds)Z") else { return nil }
    var offset: Int64 = 0
    if let sign = parts.4, let hours = parts.5.flatMap({ Int64($0) }),
      let minutes = parts.6.flatMap({ Int64($0) })
    {
      guard hours < 24, minutes < 60 else { return nil }
      offset = (hours * 60 + minutes) * 60_000 * (sign == "-" ? -1 : 1)
    }
    self.init(milliseconds: local.milliseconds - offset)
  }
}
