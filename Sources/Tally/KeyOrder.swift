/// What keys are sorted by: eight of their bytes, and which key it is.
struct SortKey {
  var word: UInt64
  var key: UInt32
}

extension KeyTable {
  /// The numbers of all keys in the order of their bytes.
  ///
  /// Eight bytes at a time, from the depth on at which the keys begin to differ: titles of one source
  /// often begin alike, and comparing whole keys would walk through that again in each of n log n
  /// comparisons. Keys that share a word are sorted by their next one, all of a depth together: their words
  /// lie all over the memory, and fetched one after the other without a decision in between, many are on
  /// their way at a time.
  func order() -> [UInt32] {
    var depth = commonPrefix()
    var keys: [SortKey] = []
    keys.reserveCapacity(count)
    for index in 0..<count {
      keys.append(SortKey(word: word(of: index, depth: depth), key: UInt32(index)))
    }
    var scratch: [SortKey] = []
    var level = [0..<count]
    var next: [Range<Int>] = []
    while true {
      for range in level {
        sort(&keys, range, scratch: &scratch)
        divide(&keys, range, into: &next)
      }
      if next.isEmpty { return keys.map(\.key) }
      depth += 8
      for range in next {
        for index in range {
          keys[index].word = word(of: Int(keys[index].key), depth: depth)
        }
      }
      swap(&level, &next)
      next.removeAll(keepingCapacity: true)
    }
  }

  @inline(__always)
  private func word(of index: Int, depth: Int) -> UInt64 {
    let key = unsafe self.key(index)
    guard let start = key.baseAddress else { return 0 }
    return unsafe orderingWord(start, key.count, depth: depth)
  }

  /// How many bytes all keys begin with alike.
  private func commonPrefix() -> Int {
    guard count > 1 else { return 0 }
    let first = unsafe key(0)
    var common = first.count
    for index in 1..<count {
      let other = unsafe key(index)
      common = min(common, other.count)
      var at = 0
      while at < common, unsafe first[at] == other[at] { at += 1 }
      common = at
      if common == 0 { break }
    }
    return common
  }

  /// Sorts a range by its words.
  private func sort(
    _ keys: inout [SortKey], _ range: Range<Int>, scratch: inout [SortKey]
  ) {
    if range.count >= 512 {
      radixSort(&keys, range, scratch: &scratch)
    } else if range.count > 24 {
      keys[range].sort { $0.word < $1.word }
    } else {
      insertionSort(&keys, range)
    }
  }

  /// Finds the keys of a sorted range that share a word.
  private func divide(
    _ keys: inout [SortKey], _ range: Range<Int>, into ties: inout [Range<Int>]
  ) {
    var start = range.lowerBound
    while start < range.upperBound {
      let word = keys[start].word
      var end = start + 1
      while end < range.upperBound, keys[end].word == word { end += 1 }
      if end - start > 1, word & 0xFF == 0 {
        // Ends stand for zeros: which it is the whole keys tell. (No reader lets a NUL through.)
        keys[start..<end].sort { left, right in
          unsafe compareBytes(key(Int(left.key)), key(Int(right.key))) < 0
        }
      } else if end - start > 1 {
        ties.append(start..<end)
      }
      start = end
    }
  }
}

/// Sorts a few by word.
private func insertionSort(_ keys: inout [SortKey], _ range: Range<Int>) {
  // The array is used through its memory, of which `range` is within the bounds.
  unsafe keys.withUnsafeMutableBufferPointer { keys in
    for index in range.dropFirst() {
      let moving = unsafe keys[index]
      var at = index
      while at > range.lowerBound, unsafe keys[at - 1].word > moving.word {
        unsafe keys[at] = keys[at - 1]
        at -= 1
      }
      unsafe keys[at] = moving
    }
  }
}

/// Sorts by word, a byte at a time from the lowest one; bytes in which all words agree cost nothing.
private func radixSort(
  _ keys: inout [SortKey], _ range: Range<Int>, scratch: inout [SortKey]
) {
  let count = range.count
  if scratch.count < count {
    scratch = [SortKey](repeating: SortKey(word: 0, key: 0), count: count)
  }
  // Both arrays are used through their memory, of which `range` and `count` are within the bounds.
  unsafe keys.withUnsafeMutableBufferPointer { all in
    unsafe scratch.withUnsafeMutableBufferPointer { scratch in
      guard let base = all.baseAddress, var to = scratch.baseAddress else { return }
      var from = unsafe base + range.lowerBound
      for shift in stride(from: UInt64(0), to: 64, by: 8) {
        var starts = [256 of Int](repeating: 0)
        for index in 0..<count {
          let digit = unsafe Int(truncatingIfNeeded: from[index].word &>> shift & 0xFF)
          starts[digit] &+= 1
        }
        if starts[unsafe Int(from[0].word &>> shift & 0xFF)] == count { continue }
        var sum = 0
        for digit in 0..<256 { (starts[digit], sum) = (sum, sum + starts[digit]) }
        for index in 0..<count {
          let key = unsafe from[index]
          let digit = Int(truncatingIfNeeded: key.word &>> shift & 0xFF)
          unsafe to[starts[digit]] = key
          starts[digit] &+= 1
        }
        unsafe swap(&from, &to)
      }
      if unsafe from != base + range.lowerBound {
        unsafe (base + range.lowerBound).update(from: from, count: count)
      }
    }
  }
}
