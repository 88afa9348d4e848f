import Hummingbird
import Synchronization
import TaskModel

/// How many requests there were, of which route and with which answer, and how long it took until the answer began.
final class RequestMeter: Sendable {
  struct Key: Hashable {
    let method: String
    /// As in the table of routes, so that their number is bounded; empty where there was none.
    let route: String
    let status: Int
  }

  private struct State {
    var requests: [Key: Int] = [:]
    var seconds = Histogram(bounds: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 300])
  }

  private let state = Mutex(State())

  func count(_ key: Key, _ time: Duration) {
    let parts = time.components
    let seconds = Double(parts.seconds) + Double(parts.attoseconds) / 1e18
    state.withLock { state in
      state.requests[key, default: 0] += 1
      state.seconds.count(seconds: seconds)
    }
  }

  var requests: [Key: Int] { state.withLock { $0.requests } }
  var seconds: Histogram { state.withLock { $0.seconds } }
}
