import Foundation

/// How much of a long test is done: a part that fits a check of each change, or with `WATCHD_SOAK=1` (`make
/// soak`) all of it.
package enum Soak {
  package static let isOn = ProcessInfo.processInfo.environment["WATCHD_SOAK"] == "1"

  /// `WATCHD_SEED`, to have a run again; else another one each time.
  package static let seed: UInt64 =
    ProcessInfo.processInfo.environment["WATCHD_SEED"].flatMap { UInt64($0) }
    ?? UInt64.random(in: 1...9_999_999)

  package static func count(_ short: Int, _ long: Int) -> Int { isOn ? long : short }

  /// Says on standard output what is about to run, so that a failure can be had again.
  ///
  /// At once, also where the output is a file: whoever waits for hours sees how far it is.
  package static func announce(_ what: String) {
    print("\(what); WATCHD_SEED=\(seed)")
    fflush(nil)
  }
}
