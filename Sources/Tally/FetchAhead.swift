import CByteMask

/// Asks the processor for memory that will be read soon; any address will do, for nothing is read yet.
///
/// Where many places are read that no cache holds, several are on their way at a time, however the code between
/// the reads branches.
@inline(__always)
func fetchAhead(_ address: UnsafeRawPointer) { unsafe fetch_ahead(address) }
