/// What the one pass over a result gathers for its table and its chart; see `ResultTable`.
///
/// Bounded by bytes, whatever the rows are: places are thinned out, dates counted up to a number and to a length, songs
/// kept by their beginning.
struct ResultScan {
  /// Where a row begins from which others are found.
  struct Place {
    let row: Int
    let offset: Int64
  }

  static let mostDates = 100_000
  private static let longestDates = 4 << 20
  private static let mostPlaces = 1 << 18
  private static let topSongs = 50

  private(set) var places: [Place] = []
  private(set) var count = 0
  /// Of each row; empty where there are too many rows.
  private(set) var plays: [Int64] = []
  /// Of each row, the number of its date; empty where there are too many rows or dates.
  private(set) var dates: [UInt32] = []
  private(set) var hasDates = true

  private let content: OutboxContent
  private let stop: PassStop
  /// A place at least each so many rows, and where so many bytes lie between.
  private var stride = 64
  private var gap: Int64 = 64 << 10
  private var dateNumbers: [[UInt8]: UInt32] = [:]
  private var dateSums: [Int128] = []
  private var datesBytes = 0
  private var song: ResultField?
  private var songSum: Int128 = 0
  private var songCount = 0
  private var top: [ResultChart.Sum] = []

  init(_ content: OutboxContent, _ stop: PassStop) throws {
    self.content = content
    self.stop = stop
    var rows = ResultRows(content, from: 0, stop: stop)
    try rows.skipHeader()
    while let line = try rows.next() { try add(line) }
    endSong()
  }

  var isSortable: Bool { count <= ResultTable.mostSorted }

  private mutating func add(_ line: ResultRows.Line) throws {
    notePlace(of: line)
    count += 1
    if isSortable {
      plays.append(line.plays)
    } else if !plays.isEmpty {
      (plays, dates) = ([], [])
    }
    addDate(line)
    // The file is sorted by song.
    if try song.map({ try line.song.isSame(as: $0, in: content, stop) }) != true {
      endSong()
      song = line.song.kept
      songCount += 1
    }
    songSum += Int128(line.plays)
  }

  private mutating func notePlace(of line: ResultRows.Line) {
    if let last = places.last, count - last.row < stride, line.offset - last.offset < gap { return }
    places.append(Place(row: count, offset: line.offset))
    guard places.count == Self.mostPlaces else { return }
    // A longer way from a place to a row, for half of the memory.
    (stride, gap) = (stride * 2, gap * 2)
    places = places.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
  }

  private mutating func addDate(_ line: ResultRows.Line) {
    guard hasDates else { return }
    let number: UInt32
    if let known = dateNumbers[Array(line.date.bytes)] {
      number = known
      dateSums[Int(known)] += Int128(line.plays)
    } else if dateSums.count < Self.mostDates, line.date.place.count <= ResultField.longestShown,
      datesBytes + line.date.bytes.count <= Self.longestDates
    {
      number = UInt32(dateSums.count)
      dateNumbers[Array(line.date.bytes)] = number
      dateSums.append(Int128(line.plays))
      datesBytes += line.date.bytes.count
    } else {
      hasDates = false
      (dates, dateNumbers, dateSums) = ([], [:], [])
      return
    }
    if isSortable { dates.append(number) }
  }

  private mutating func endSong() {
    defer { (song, songSum) = (nil, 0) }
    guard let song else { return }
    if top.count == Self.topSongs, let least = top.last, least.plays >= songSum { return }
    let place = top.firstIndex { $0.plays < songSum } ?? top.count
    let (name, bytes) = song.shown
    top.insert(ResultChart.Sum(name: name, plays: songSum, nameBytes: bytes), at: place)
    if top.count > Self.topSongs { top.removeLast() }
  }

  private var sortedDates: [(name: String, number: UInt32)] {
    dateNumbers.map { (ResultField.text($0.key[...]), $0.value) }
      .sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
  }

  /// By number of date.
  func dateRanks() -> [UInt32] {
    var ranks = [UInt32](repeating: 0, count: dateSums.count)
    for (rank, date) in sortedDates.enumerated() { ranks[Int(date.number)] = UInt32(rank) }
    return ranks
  }

  var chart: ResultChart {
    let sums = sortedDates.map { date in
      ResultChart.Sum(name: date.name, plays: dateSums[Int(date.number)])
    }
    return ResultChart(
      dates: hasDates ? sums : nil, songs: top, songCount: songCount, rows: count)
  }
}
