import CLinux

/// How the process deals with memory that the engine asks for and gives back.
package enum ProcessMemory {
  /// Makes large pieces go back to the system when they are freed; to be called once, at the start.
  ///
  /// By itself malloc(3) raises the size from which on it does so with every such piece that is freed, up to 32 MiB
  /// (mallopt(3), M_MMAP_THRESHOLD): the tallies of a run that is loaded would stay in the process's
  /// heaps, and the most memory in use would be half as much again.
  package static func prepareProcess() {
    linux_return_pieces_of(6 << 20)
  }
}
