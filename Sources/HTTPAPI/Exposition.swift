import TaskModel

/// Metrics in Prometheus' text format, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/).
struct Exposition {
  enum Kind: String {
    case counter
    case gauge
    case histogram
  }

  private(set) var text = ""

  /// A family and its samples, each with its labels.
  mutating func add(
    _ name: String, _ kind: Kind, _ help: String, _ samples: [([(String, String)], Double)]
  ) {
    begin(name, kind, help)
    for (labels, value) in samples { sample(name, labels, value) }
  }

  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
    add(name, kind, help, [([], value)])
  }

  mutating func add(
    _ name: String, _ help: String, _ histograms: [([(String, String)], Histogram)]
  ) {
    begin(name, .histogram, help)
    for (labels, histogram) in histograms {
      var count = 0
      for (index, number) in histogram.counts.enumerated() {
        count += number
        let bound = index < histogram.bounds.count ? "\(histogram.bounds[index])" : "+Inf"
        sample(name + "_bucket", labels + [("le", bound)], Double(count))
      }
      sample(name + "_sum", labels, histogram.sum)
      sample(name + "_count", labels, Double(count))
    }
  }

  private mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  private mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
    let list = labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
    let number = Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    text += name + (list.isEmpty ? "" : "{\(list)}") + " \(number)\n"
  }

  private static func escaped(_ label: String) -> String {
    label.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
