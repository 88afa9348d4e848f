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
  /// comparisons. Keys that share a word are sorted by their next one.
  func order() -> [UInt32] {
    let depth = commonPrefix()
    var keys: [SortKey] = []
    keys.reserveCapacity(count)
    for index in 0..<count {
      keys.append(SortKey(word: word(of: index, depth: depth), key: UInt32(index)))
    }
    var scratch: [SortKey] = []
    // Not recursive: keys that begin alike for megabytes would take a frame for every eight bytes.
    var open = [(range: 0..<count, depth: depth)]
    while let (range, depth) = open.popLast() {
      sort(&keys, range, scratch: &scratch)
      divide(&keys, range, depth: depth, into: &open)
    }
    return keys.map(\.key)
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
    if range.count >= 1024 {
      radixSort(&keys, range, scratch: &scratch)
    } else {
      keys[range].sort { $0.word < $1.word }
    }
  }

  /// Finds the keys of a sorted range that share a word, and gives them their next one.
  private func divide(
    _ keys: inout [SortKey], _ range: Range<Int>, depth: Int,
    into open: inout [(range: Range<Int>, depth: Int)]
  ) {
    var start = range.lowerBound
    while start < range.upperBound {
      let word = keys[start].word
      var end = start + 1
      while end < range.upperBound, keys[end].word == word { end += 1 }
      if end - start > 1, end - start < 16 || word & 0xFF == 0 {
        // Few are sorted whole. And ends stand for zeros: which it is the whole keys tell. (No reader lets
        // a NUL through.)
        keys[start..<end].sort { left, right in
          unsafe compareBytes(key(Int(left.key)), key(Int(right.key))) < 0
        }
      } else if end - start > 1 {
        for index in start..<end {
          keys[index].word = self.word(of: Int(keys[index].key), depth: depth + 8)
        }
        open.append((start..<end, depth + 8))
      }
      start = end
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
