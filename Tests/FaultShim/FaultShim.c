// A library for LD_PRELOAD that counts the system calls by which a process changes files, over all
// its threads, and lets the Nth one go wrong. It stands before glibc's functions of the same names, so
// SQLite's calls are met as well as our own. (strace can inject faults too, but counts for each
// thread.)
//
//   FAULT_CALLS    which calls count, separated by commas: sync, write, rename, unlink, mkdir, truncate,
//                  create (an open that may make a file), open (any), writable (an open for writing),
//                  flush (sync_file_range)
//   FAULT_AT       the number of the call, from 1; 0 or nothing: only count
//   FAULT_ACTION   kill-before   SIGKILL instead of the call
//                  kill-after    SIGKILL once the call is done
//                  stop          SIGSTOP before the call; it goes on when it gets SIGCONT
//                  hang          the thread that calls never comes back; the others go on
//                  fail          this call fails, the later ones do not
//                  fail-on       this call and all later ones fail
//   FAULT_PATH     text that the path must contain to count, as the call has it, or of the open file where the call has none;
//                  with $ behind it, text with which the path must end; nothing: any
//   FAULT_ERRNO    the number that errno gets
//   FAULT_REPORT   a file for struct FaultReport
//   FAULT_RECORD   a file for all that is done to files, in order, with the bytes (struct RecordedStep); each call is then
//                  made under one lock, so that the order is that of the kernel
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
#include <pthread.h>
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

enum { SYNC = 1, WRITE = 2, RENAME = 4, UNLINK = 8, MKDIR = 16, TRUNCATE = 32, CREATE = 64, OPEN = 128, WRITABLE = 256, FLUSH = 512 };
enum action { COUNT, KILL_BEFORE, KILL_AFTER, STOP, HANG, FAIL, FAIL_ON };

static int chosen;
static uint64_t target;
static enum action action;
static int failure = EIO;
static struct FaultReport *report;

static const char *place;

static int recordFile = -1;
static pthread_mutex_t recording = PTHREAD_MUTEX_INITIALIZER;

static bool says(const char *text, const char *word) { return text != NULL && strcmp(text, word) == 0; }

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAULT_REPORT"), *calls = getenv("FAULT_CALLS");
  if (path == NULL || calls == NULL) return;
  int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || syscall(SYS_ftruncate, file, sizeof *report) != 0) abort();
  void *mapped = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) abort();
  close(file);

  static const char *const names[] = {"sync",     "write",  "rename", "unlink",  "mkdir",
                                      "truncate", "create", "open",   "writable", "flush"};
  for (int index = 0; index < 10; index++)
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
  place = getenv("FAULT_PATH");
  report = mapped;
  const char *record = getenv("FAULT_RECORD");
  if (record == NULL) return;
  recordFile = (int)syscall(SYS_openat, AT_FDCWD, record, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (recordFile < 0) abort();
}

static uint64_t inodeOf(int folder, const char *path) {
  struct stat status;
  int flags = AT_SYMLINK_NOFOLLOW | (path[0] == 0 ? AT_EMPTY_PATH : 0);
  return syscall(SYS_newfstatat, folder, path, &status, flags) == 0 ? status.st_ino : 0;
}

/// The folder in which a path ends, and the last component.
static uint64_t parentOf(int folder, const char *path, const char **name) {
  const char *slash = strrchr(path, '/');
  *name = slash != NULL ? slash + 1 : path;
  if (slash == NULL) return folder == AT_FDCWD ? inodeOf(AT_FDCWD, ".") : inodeOf(folder, "");
  char parent[PATH_MAX];
  size_t length = (size_t)(slash - path);
  if (length >= sizeof parent) abort();
  memcpy(parent, path, length);
  parent[length] = 0;
  return inodeOf(folder, length == 0 ? "/" : parent);
}

static void append(const void *bytes, size_t count) {
  for (const char *rest = bytes; count > 0;) {
    ssize_t written = syscall(SYS_write, recordFile, rest, count);
    if (written < 0) abort();
    rest += written;
    count -= (size_t)written;
  }
}

static void record(struct RecordedStep step, const void *first, const void *second) {
  append(&step, sizeof step);
  append(first, step.firstCount);
  append(second, step.secondCount);
}

static void recordNamed(uint64_t kind, uint64_t inode, int folder, const char *path) {
  const char *name;
  uint64_t parent = parentOf(folder, path, &name);
  record((struct RecordedStep){.kind = kind, .inode = inode, .folder = parent, .firstCount = strlen(name)}, name, "");
}

static void recordMove(uint64_t kind, uint64_t inode, int from, const char *old, int to, const char *new) {
  const char *oldName, *newName;
  uint64_t oldFolder = parentOf(from, old, &oldName), folder = parentOf(to, new, &newName);
  record((struct RecordedStep){.kind = kind, .inode = inode, .oldFolder = oldFolder, .folder = folder,
                               .firstCount = strlen(newName), .secondCount = strlen(oldName)},
         newName, oldName);
}

static bool isOnDisk(int descriptor) {
  struct stat status;
  return descriptor > STDERR_FILENO &&
         syscall(SYS_newfstatat, descriptor, "", &status, AT_EMPTY_PATH) == 0 &&
         (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

/// Writes down what no call of the process has done.
static void recordAlone(struct RecordedStep step) {
  if (recordFile < 0) return;
  pthread_mutex_lock(&recording);
  record(step, "", "");
  pthread_mutex_unlock(&recording);
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
  if (strstr(path, "/.watchd-") == NULL || syscall(SYS_ftruncate, descriptor, 0) != 0) return;
  recordAlone((struct RecordedStep){.kind = RECORD_TRUNCATE, .inode = inodeOf(descriptor, "")});
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

/// Whether a path is in the /proc of a process, as /proc/25118/stat.
///
/// libdispatch counts by these which of its threads can run, once a second while it has work, and ends the process where it
/// cannot (_dispatch_workq_monitor_pools). No disk refuses them, and when they are opened is chance.
static bool isOfProcess(const char *path) {
  static const char folder[] = "/proc/";
  size_t length = sizeof folder - 1;
  return strncmp(path, folder, length) == 0 && path[length] >= '0' && path[length] <= '9';
}

/// Whether a path is one of those that count.
static bool isMeant(const char *path) {
  size_t length = strlen(path), wanted = strlen(place);
  if (wanted == 0 || place[wanted - 1] != '$') return strstr(path, place) != NULL;
  wanted--;
  return length >= wanted && strncmp(path + length - wanted, place, wanted) == 0;
}

/// Counts a call; true where it is to fail. `isNth` says that it is to be followed by `after`.
static bool meets(int kind, const char *name, int descriptor, const char *path, bool *isNth) {
  *isNth = false;
  if (report == NULL || (chosen & kind) == 0) return false;
  if (path != NULL && isOfProcess(path)) return false;
  if ((kind & (WRITE | SYNC | TRUNCATE | FLUSH)) != 0 && !isOnDisk(descriptor)) return false;
  if (place != NULL) {
    char open[512];
    if (path == NULL) find(descriptor, open);
    if (!isMeant(path != NULL ? path : open)) return false;
  }
  uint64_t number = atomic_fetch_add(&report->calls, 1) + 1;
  if (target == 0 || number < target || (number > target && action != FAIL_ON)) return false;
  int saved = errno;
  describe(name, descriptor, path);
  bool fails = action == FAIL || action == FAIL_ON;
  if (fails && kind == SYNC) {
    bool isAll = strcmp(name, "syncfs") == 0;
    recordAlone((struct RecordedStep){.kind = isAll ? RECORD_FAILED_SYNC_ALL : RECORD_FAILED_SYNC,
                                      .inode = inodeOf(descriptor, "")});
    loseUnsynced(descriptor);
  }
  errno = saved;
  if (action == KILL_BEFORE) end();
  if (action == STOP) syscall(SYS_kill, (pid_t)syscall(SYS_getpid), SIGSTOP);
  while (action == HANG) syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
  *isNth = action == KILL_AFTER;
  return fails;
}

/// Makes a call and, where all is recorded, writes down what came of it, before any other call is made.
#define RECORDED(call, note)                                   \
  ({                                                           \
    bool isRecorded = recordFile >= 0;                         \
    if (isRecorded) pthread_mutex_lock(&recording);            \
    long made = (call);                                        \
    if (isRecorded) {                                          \
      int saved = errno;                                       \
      if (made >= 0) { note; }                                 \
      errno = saved;                                           \
      pthread_mutex_unlock(&recording);                        \
    }                                                          \
    made;                                                      \
  })

static void recordWrite(int file, const void *bytes, ssize_t count, off_t at) {
  if (!isOnDisk(file)) return;
  if (at < 0) at = syscall(SYS_lseek, file, 0, SEEK_CUR) - count;
  record((struct RecordedStep){.kind = RECORD_WRITE, .inode = inodeOf(file, ""), .offset = (uint64_t)at,
                               .firstCount = (uint64_t)count},
         bytes, "");
}

static void recordSync(uint64_t kind, int file) {
  record((struct RecordedStep){.kind = kind, .inode = inodeOf(file, "")}, "", "");
}

static long recordedOpen(int folder, const char *path, int flags, mode_t mode) {
  bool isNew = recordFile >= 0 && (flags & O_CREAT) != 0 && inodeOf(folder, path) == 0;
  long file = syscall(SYS_openat, folder, path, flags, mode);
  if (file >= 0 && isNew) recordNamed(RECORD_CREATE, inodeOf((int)file, ""), folder, path);
  return file;
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

SHOW int fsync(int file) { GUARDED(int, SYNC, "fsync", file, NULL, RECORDED(syscall(SYS_fsync, file), recordSync(RECORD_SYNC, file))) }
SHOW int fdatasync(int file) { GUARDED(int, SYNC, "fdatasync", file, NULL, RECORDED(syscall(SYS_fdatasync, file), recordSync(RECORD_SYNC, file))) }
SHOW int syncfs(int file) { GUARDED(int, SYNC, "syncfs", file, NULL, RECORDED(syscall(SYS_syncfs, file), recordSync(RECORD_SYNC_ALL, file))) }

SHOW int sync_file_range(int file, off64_t from, off64_t count, unsigned flags) {
  GUARDED(int, FLUSH, "sync_file_range", file, NULL, syscall(SYS_sync_file_range, file, from, count, flags))
}

SHOW ssize_t write(int file, const void *bytes, size_t count) {
  GUARDED(ssize_t, WRITE, "write", file, NULL, RECORDED(syscall(SYS_write, file, bytes, count), recordWrite(file, bytes, made, -1)))
}
SHOW ssize_t writev(int file, const struct iovec *parts, int count) {
  GUARDED(ssize_t, WRITE, "writev", file, NULL, RECORDED(syscall(SYS_writev, file, parts, count),
          if (isOnDisk(file)) abort()))
}
SHOW ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
  GUARDED(ssize_t, WRITE, "pwrite", file, NULL, RECORDED(syscall(SYS_pwrite64, file, bytes, count, at), recordWrite(file, bytes, made, at)))
}
SHOW ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
  GUARDED(ssize_t, WRITE, "pwrite", file, NULL, RECORDED(syscall(SYS_pwrite64, file, bytes, count, at), recordWrite(file, bytes, made, at)))
}

SHOW int ftruncate(int file, off_t size) {
  GUARDED(int, TRUNCATE, "ftruncate", file, NULL, RECORDED(syscall(SYS_ftruncate, file, size),
          record((struct RecordedStep){.kind = RECORD_TRUNCATE, .inode = inodeOf(file, ""), .offset = (uint64_t)size}, "", "")))
}
SHOW int ftruncate64(int file, off64_t size) {
  GUARDED(int, TRUNCATE, "ftruncate", file, NULL, RECORDED(syscall(SYS_ftruncate, file, size),
          record((struct RecordedStep){.kind = RECORD_TRUNCATE, .inode = inodeOf(file, ""), .offset = (uint64_t)size}, "", "")))
}
SHOW int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
  GUARDED(int, RENAME, "rename", to, new, RECORDED(syscall(SYS_renameat2, from, old, to, new, flags), recordMove(RECORD_RENAME, inodeOf(to, new), from, old, to, new)))
}
SHOW int renameat(int from, const char *old, int to, const char *new) {
  GUARDED(int, RENAME, "rename", to, new, RECORDED(syscall(SYS_renameat2, from, old, to, new, 0), recordMove(RECORD_RENAME, inodeOf(to, new), from, old, to, new)))
}
SHOW int rename(const char *old, const char *new) {
  GUARDED(int, RENAME, "rename", -1, new, RECORDED(syscall(SYS_renameat2, AT_FDCWD, old, AT_FDCWD, new, 0),
          recordMove(RECORD_RENAME, inodeOf(AT_FDCWD, new), AT_FDCWD, old, AT_FDCWD, new)))
}
SHOW int linkat(int from, const char *old, int to, const char *new, int flags) {
  GUARDED(int, RENAME, "link", to, new, RECORDED(syscall(SYS_linkat, from, old, to, new, flags), recordMove(RECORD_LINK, inodeOf(to, new), from, old, to, new)))
}
SHOW int link(const char *old, const char *new) {
  GUARDED(int, RENAME, "link", -1, new, RECORDED(syscall(SYS_linkat, AT_FDCWD, old, AT_FDCWD, new, 0),
          recordMove(RECORD_LINK, inodeOf(AT_FDCWD, new), AT_FDCWD, old, AT_FDCWD, new)))
}

SHOW int unlinkat(int folder, const char *path, int flags) {
  GUARDED(int, UNLINK, "unlink", folder, path, RECORDED(syscall(SYS_unlinkat, folder, path, flags), recordNamed(RECORD_REMOVE, 0, folder, path)))
}
SHOW int unlink(const char *path) {
  GUARDED(int, UNLINK, "unlink", -1, path, RECORDED(syscall(SYS_unlinkat, AT_FDCWD, path, 0), recordNamed(RECORD_REMOVE, 0, AT_FDCWD, path)))
}
SHOW int rmdir(const char *path) {
  GUARDED(int, UNLINK, "rmdir", -1, path, RECORDED(syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR), recordNamed(RECORD_REMOVE, 0, AT_FDCWD, path)))
}

SHOW int mkdirat(int folder, const char *path, mode_t mode) {
  GUARDED(int, MKDIR, "mkdir", folder, path, RECORDED(syscall(SYS_mkdirat, folder, path, mode), recordNamed(RECORD_FOLDER, inodeOf(folder, path), folder, path)))
}
SHOW int mkdir(const char *path, mode_t mode) {
  GUARDED(int, MKDIR, "mkdir", -1, path, RECORDED(syscall(SYS_mkdirat, AT_FDCWD, path, mode), recordNamed(RECORD_FOLDER, inodeOf(AT_FDCWD, path), AT_FDCWD, path)))
}

static int opened(int folder, const char *path, int flags, mode_t mode) {
  int kind = OPEN | ((flags & (O_CREAT | __O_TMPFILE)) != 0 ? CREATE : 0) |
             ((flags & O_ACCMODE) != O_RDONLY ? WRITABLE : 0);
  GUARDED(int, kind, "open", folder, path, RECORDED(recordedOpen(folder, path, flags, mode), (void)0))
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
