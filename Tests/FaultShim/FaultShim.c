// A library for LD_PRELOAD that counts the system calls by which a process changes files, over all
// its threads, and lets the Nth one go wrong. It stands before glibc's functions of the same names, so
// SQLite's calls are met as well as our own. (strace can inject faults too, but counts for each
// thread.)
//
//   FAULT_CALLS    which calls count, separated by commas: sync, write, rename, unlink, mkdir, truncate,
//                  create (an open that may make a file), open (any)
//   FAULT_AT       the number of the call, from 1; 0 or nothing: only count
//   FAULT_ACTION   kill-before   SIGKILL instead of the call
//                  kill-after    SIGKILL once the call is done
//                  stop          SIGSTOP before the call; it goes on when it gets SIGCONT
//                  hang          the thread that calls never comes back; the others go on
//                  fail          this call fails, the later ones do not
//                  fail-on       this call and all later ones fail
//   FAULT_ERRNO    the number that errno gets
//   FAULT_REPORT   a file for struct FaultReport
//
// A sync that fails also takes away what was written to an unfinished file of the outbox, as the kernel
// may: it drops the pages that it could not write and reports no second error (Rebello et al., "Can
// Applications Recover from fsync Failures?", ATC 2020). So whoever tries such a sync again, and
// then goes on, publishes an empty file.
//
// Only regular files and directories count, and not what the process was started with: a write to the
// log, a pipe or an eventfd changes nothing that has to outlive the process. Calls go straight to the kernel (syscall(2)), so nothing is looked
// up and nothing can call back.
#define _GNU_SOURCE
#include "FaultShim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { SYNC = 1, WRITE = 2, RENAME = 4, UNLINK = 8, MKDIR = 16, TRUNCATE = 32, CREATE = 64, OPEN = 128 };
enum action { COUNT, KILL_BEFORE, KILL_AFTER, STOP, HANG, FAIL, FAIL_ON };

static int chosen;
static uint64_t target;
static enum action action;
static int failure = EIO;
static struct FaultReport *report;

static bool says(const char *text, const char *word) { return text != NULL && strcmp(text, word) == 0; }

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAULT_REPORT"), *calls = getenv("FAULT_CALLS");
  if (path == NULL || calls == NULL) return;
  int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || syscall(SYS_ftruncate, file, sizeof *report) != 0) abort();
  void *mapped = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) abort();
  close(file);

  static const char *const names[] = {"sync",  "write",    "rename", "unlink",
                                      "mkdir", "truncate", "create", "open"};
  for (int index = 0; index < 8; index++)
    if (strstr(calls, names[index]) != NULL) chosen |= 1 << index;
  const char *number = getenv("FAULT_AT"), *code = getenv("FAULT_ERRNO");
  if (number != NULL) target = strtoull(number, NULL, 10);
  if (code != NULL) failure = atoi(code);
  const char *what = getenv("FAULT_ACTION");
  if (says(what, "kill-before")) action = KILL_BEFORE;
  if (says(what, "kill-after")) action = KILL_AFTER;
  if (says(what, "stop")) action = STOP;
  if (says(what, "hang")) action = HANG;
  if (says(what, "fail")) action = FAIL;
  if (says(what, "fail-on")) action = FAIL_ON;
  report = mapped;
}

static bool isOnDisk(int descriptor) {
  struct stat status;
  return descriptor > STDERR_FILENO &&
         syscall(SYS_newfstatat, descriptor, "", &status, AT_EMPTY_PATH) == 0 &&
         (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

/// The path of an open file; empty where there is none.
static void find(int descriptor, char path[512]) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, 511);
  path[length < 0 ? 0 : length] = 0;
}

static void loseUnsynced(int descriptor) {
  char path[512];
  find(descriptor, path);
  if (strstr(path, "/.watchd-") != NULL) syscall(SYS_ftruncate, descriptor, 0);
}

/// Writes down which call it was: once, for the first fault tells where to look.
static void describe(const char *name, int descriptor, const char *path) {
  if (atomic_fetch_add(&report->faults, 1) != 0) return;
  char folder[512] = "";
  if (descriptor >= 0) find(descriptor, folder);
  snprintf(report->first, sizeof report->first, "%s %s%s%s", name, folder, path != NULL ? " " : "",
           path != NULL ? path : "");
}

static void end(void) {
  syscall(SYS_kill, (pid_t)syscall(SYS_getpid), SIGKILL);
  for (;;) pause();
}

/// Counts a call; true where it is to fail. `isNth` says that it is to be followed by `after`.
static bool meets(int kind, const char *name, int descriptor, const char *path, bool *isNth) {
  *isNth = false;
  if (report == NULL || (chosen & kind) == 0) return false;
  if ((kind & (WRITE | SYNC | TRUNCATE)) != 0 && !isOnDisk(descriptor)) return false;
  uint64_t number = atomic_fetch_add(&report->calls, 1) + 1;
  if (target == 0 || number < target || (number > target && action != FAIL_ON)) return false;
  int saved = errno;
  describe(name, descriptor, path);
  bool fails = action == FAIL || action == FAIL_ON;
  if (fails && kind == SYNC) loseUnsynced(descriptor);
  errno = saved;
  if (action == KILL_BEFORE) end();
  if (action == STOP) syscall(SYS_kill, (pid_t)syscall(SYS_getpid), SIGSTOP);
  while (action == HANG) syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
  *isNth = action == KILL_AFTER;
  return fails;
}

#define SHOW __attribute__((visibility("default")))
#define GUARDED(type, kind, name, descriptor, path, call)         \
  bool isNth;                                                     \
  if (meets(kind, name, descriptor, path, &isNth)) {              \
    errno = failure;                                              \
    return -1;                                                    \
  }                                                               \
  type result = (type)(call);                                     \
  if (isNth) end();                                               \
  return result;

SHOW int fsync(int file) { GUARDED(int, SYNC, "fsync", file, NULL, syscall(SYS_fsync, file)) }
SHOW int fdatasync(int file) { GUARDED(int, SYNC, "fdatasync", file, NULL, syscall(SYS_fdatasync, file)) }
SHOW int syncfs(int file) { GUARDED(int, SYNC, "syncfs", file, NULL, syscall(SYS_syncfs, file)) }

SHOW ssize_t write(int file, const void *bytes, size_t count) {
  GUARDED(ssize_t, WRITE, "write", file, NULL, syscall(SYS_write, file, bytes, count))
}
SHOW ssize_t writev(int file, const struct iovec *parts, int count) {
  GUARDED(ssize_t, WRITE, "writev", file, NULL, syscall(SYS_writev, file, parts, count))
}
SHOW ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
  GUARDED(ssize_t, WRITE, "pwrite", file, NULL, syscall(SYS_pwrite64, file, bytes, count, at))
}
SHOW ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
  GUARDED(ssize_t, WRITE, "pwrite", file, NULL, syscall(SYS_pwrite64, file, bytes, count, at))
}

SHOW int ftruncate(int file, off_t size) {
  GUARDED(int, TRUNCATE, "ftruncate", file, NULL, syscall(SYS_ftruncate, file, size))
}
SHOW int ftruncate64(int file, off64_t size) {
  GUARDED(int, TRUNCATE, "ftruncate", file, NULL, syscall(SYS_ftruncate, file, size))
}
SHOW int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
  GUARDED(int, RENAME, "rename", to, new, syscall(SYS_renameat2, from, old, to, new, flags))
}
SHOW int renameat(int from, const char *old, int to, const char *new) {
  GUARDED(int, RENAME, "rename", to, new, syscall(SYS_renameat2, from, old, to, new, 0))
}
SHOW int rename(const char *old, const char *new) {
  GUARDED(int, RENAME, "rename", -1, new, syscall(SYS_renameat2, AT_FDCWD, old, AT_FDCWD, new, 0))
}
SHOW int linkat(int from, const char *old, int to, const char *new, int flags) {
  GUARDED(int, RENAME, "link", to, new, syscall(SYS_linkat, from, old, to, new, flags))
}
SHOW int link(const char *old, const char *new) {
  GUARDED(int, RENAME, "link", -1, new, syscall(SYS_linkat, AT_FDCWD, old, AT_FDCWD, new, 0))
}

SHOW int unlinkat(int folder, const char *path, int flags) {
  GUARDED(int, UNLINK, "unlink", folder, path, syscall(SYS_unlinkat, folder, path, flags))
}
SHOW int unlink(const char *path) {
  GUARDED(int, UNLINK, "unlink", -1, path, syscall(SYS_unlinkat, AT_FDCWD, path, 0))
}
SHOW int rmdir(const char *path) {
  GUARDED(int, UNLINK, "rmdir", -1, path, syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR))
}

SHOW int mkdirat(int folder, const char *path, mode_t mode) {
  GUARDED(int, MKDIR, "mkdir", folder, path, syscall(SYS_mkdirat, folder, path, mode))
}
SHOW int mkdir(const char *path, mode_t mode) {
  GUARDED(int, MKDIR, "mkdir", -1, path, syscall(SYS_mkdirat, AT_FDCWD, path, mode))
}

static int opened(int folder, const char *path, int flags, mode_t mode) {
  int kind = OPEN | ((flags & (O_CREAT | __O_TMPFILE)) != 0 ? CREATE : 0);
  GUARDED(int, kind, "open", folder, path, syscall(SYS_openat, folder, path, flags, mode))
}
#define MODE(flags)                                   \
  mode_t mode = 0;                                    \
  if (((flags) & (O_CREAT | __O_TMPFILE)) != 0) {     \
    va_list rest;                                     \
    va_start(rest, flags);                            \
    mode = (mode_t)va_arg(rest, int);                 \
    va_end(rest);                                     \
  }
SHOW int open(const char *path, int flags, ...) {
  MODE(flags)
  return opened(AT_FDCWD, path, flags, mode);
}
SHOW int open64(const char *path, int flags, ...) {
  MODE(flags)
  return opened(AT_FDCWD, path, flags, mode);
}
SHOW int openat(int folder, const char *path, int flags, ...) {
  MODE(flags)
  return opened(folder, path, flags, mode);
}
SHOW int openat64(int folder, const char *path, int flags, ...) {
  MODE(flags)
  return opened(folder, path, flags, mode);
}
// What callers are compiled to under _FORTIFY_SOURCE, as Debian's libsqlite3 is.
SHOW int __open_2(const char *path, int flags) { return opened(AT_FDCWD, path, flags, 0); }
SHOW int __open64_2(const char *path, int flags) { return opened(AT_FDCWD, path, flags, 0); }
SHOW int __openat_2(int folder, const char *path, int flags) { return opened(folder, path, flags, 0); }
SHOW int __openat64_2(int folder, const char *path, int flags) { return opened(folder, path, flags, 0); }
