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

  /// Gives back what lies free between pieces that are in use; to be called when much was freed and there is time.
  ///
  /// malloc(3) by itself only gives back the ends of its heaps. Each thread of a large file may get another one, and pieces below
  /// the size above stay in it: after days of mixed files that would be some 100 MB which nobody uses.
  package static func giveBackFree() { linux_return_free_memory() }
}
