// For LD_PRELOAD: the folder FILE_SYSTEM_PATH lies on a file system of the kind FILE_SYSTEM_TYPE, a number of linux/magic.h, as
// statfs(2) tells of it. And as where other machines change what is in it, no event tells of that (inotify(7), "Limitations and
// caveats"); what becomes of the folder itself is still told.
//
// And while the file NO_WATCHES_WHILE exists, the user has as many watches as may be (inotify_add_watch(2), ENOSPC).
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <fcntl.h>
#include <unistd.h>

static const char *folder;
static long type;

__attribute__((constructor)) static void begin(void) {
  const char *number = getenv("FILE_SYSTEM_TYPE");
  folder = getenv("FILE_SYSTEM_PATH");
  if (folder == NULL) return;
  if (number == NULL) abort();
  type = strtol(number, NULL, 0);
}

/// Whether a path, or an open file where that is empty, is that folder.
static bool isMeant(int file, const char *path) {
  struct stat one, other;
  return folder != NULL && syscall(SYS_newfstatat, file, path, &one, path[0] == 0 ? AT_EMPTY_PATH : 0) == 0 &&
         syscall(SYS_newfstatat, AT_FDCWD, folder, &other, 0) == 0 && one.st_dev == other.st_dev &&
         one.st_ino == other.st_ino;
}

#define SHOW __attribute__((visibility("default")))

SHOW int fstatfs(int file, struct statfs *status) {
  int result = (int)syscall(SYS_fstatfs, file, status);
  if (result == 0 && isMeant(file, "")) status->f_type = type;
  return result;
}
SHOW int fstatfs64(int file, struct statfs64 *status) { return fstatfs(file, (struct statfs *)status); }

SHOW int statfs(const char *path, struct statfs *status) {
  int result = (int)syscall(SYS_statfs, path, status);
  if (result == 0 && isMeant(AT_FDCWD, path)) status->f_type = type;
  return result;
}
SHOW int statfs64(const char *path, struct statfs64 *status) { return statfs(path, (struct statfs *)status); }

SHOW int inotify_add_watch(int queue, const char *path, uint32_t events) {
  static const uint32_t entries = IN_ALL_EVENTS & ~(uint32_t)(IN_DELETE_SELF | IN_MOVE_SELF);
  const char *refusing = getenv("NO_WATCHES_WHILE");
  if (refusing != NULL && access(refusing, F_OK) == 0) {
    errno = ENOSPC;
    return -1;
  }
  if (isMeant(AT_FDCWD, path)) events &= ~entries;
  return (int)syscall(SYS_inotify_add_watch, queue, path, events);
}
