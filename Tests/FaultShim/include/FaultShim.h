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

/// A step that changed files, as FAULT_RECORD gets it, with two texts or the bytes behind it.
///
/// If you change this, change `RecordedStep.swift` too, which reads it by offset.
struct RecordedStep {
  uint64_t kind;
  /// Of the file or folder; of a removed one, 0.
  uint64_t inode;
  /// In which the name is; of a write, 0.
  uint64_t folder;
  /// Of a rename or a link: where the other name is.
  uint64_t oldFolder;
  /// Of a write; of a truncation, the size.
  uint64_t offset;
  /// Bytes of the name, or those written.
  uint64_t firstCount;
  /// Bytes of the other name.
  uint64_t secondCount;
};

enum RecordedKind {
  RECORD_WRITE = 1,
  RECORD_TRUNCATE,
  RECORD_CREATE,
  RECORD_FOLDER,
  RECORD_RENAME,
  RECORD_LINK,
  RECORD_REMOVE,
  RECORD_SYNC,
  RECORD_SYNC_ALL,
  RECORD_FAILED_SYNC,
  RECORD_FAILED_SYNC_ALL,
};
