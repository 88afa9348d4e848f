#pragma once

#include <stdatomic.h>
#include <stdint.h>

/// What the library tells the test, in a file that both have mapped, so that it outlives a killed process.
///
/// If you change this, change `FaultReport.swift` too, which reads it by offset.
struct FaultReport {
  /// Calls of the chosen kinds so far, over all threads.
  _Atomic uint64_t calls;
  /// How many of them met the fault.
  _Atomic uint64_t faults;
  /// The first one that did: its name and the object, as text that ends with NUL.
  char first[1008];
};
