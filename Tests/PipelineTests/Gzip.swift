import CZlib

/// Packs bytes as one gzip member, with zlib's own deflate, so that the reader is not tested against
/// itself.
///
/// The stream and both buffers live within the call, and zlib is told their exact sizes.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var stream = unsafe z_stream()
  // 15 bits of window, and 16 for a gzip header (zlib.h, deflateInit2).
  let begun = unsafe deflateInit2_(
    &stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
    Int32(MemoryLayout<z_stream>.size))
  precondition(begun == Z_OK)
  defer { _ = unsafe deflateEnd(&stream) }
  var input = bytes
  var output = [UInt8](repeating: 0, count: unsafe Int(deflateBound(&stream, UInt(bytes.count))))
  let (inputCount, outputCount) = (UInt32(input.count), UInt32(output.count))
  let made = unsafe input.withUnsafeMutableBufferPointer { input in
    unsafe output.withUnsafeMutableBufferPointer { output in
      unsafe stream.next_in = input.baseAddress
      unsafe stream.avail_in = inputCount
      unsafe stream.next_out = output.baseAddress
      unsafe stream.avail_out = outputCount
      let code = unsafe deflate(&stream, Z_FINISH)
      precondition(code == Z_STREAM_END)
      return unsafe Int(stream.total_out)
    }
  }
  return Array(output[..<made])
}

func gzip(_ text: String) -> [UInt8] { gzip(Array(text.utf8)) }
