#define _GNU_SOURCE
#include <malloc.h>
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

// SQLite calls pwrite64(2), whose place is of 64 bits on every machine.
_Static_assert(sizeof(off_t) == 8, "a place in a file is of 64 bits");

int linux_rename_noreplace(int old_directory, const char *old_name, int new_directory,
                           const char *new_name) {
  return renameat2(old_directory, old_name, new_directory, new_name, RENAME_NOREPLACE) == 0 ? 0
                                                                                          : errno;
}

int linux_probe_read_lease(int descriptor) {
  if (fcntl(descriptor, F_SETLEASE, F_RDLCK) != 0) return errno;
  return fcntl(descriptor, F_SETLEASE, F_UNLCK) == 0 ? 0 : errno;
}

int linux_sync_filesystem(int descriptor) { return syncfs(descriptor) == 0 ? 0 : errno; }

long linux_filesystem_type(int descriptor) {
  struct statfs status;
  if (fstatfs(descriptor, &status) != 0) return -(long)errno;
  return (long)status.f_type;
}

int linux_open_nameless(int directory) {
  int descriptor = openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  return descriptor < 0 ? -errno : descriptor;
}

// Whether the file goes with its descriptor, so that none of it ever has to be on a disk.
static bool is_nameless(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) == 0 && status.st_nlink == 0;
}

// None of these says anything of the file: a kernel, a filter of system calls or a file system that does not know the call, or a
// signal. The sync then does all of it.
static bool says_nothing_of_file(int code) {
  return code == ENOSYS || code == EPERM || code == EINVAL || code == ESPIPE || code == EINTR;
}

ssize_t linux_write_and_begin_writeback(int descriptor, const void *bytes, size_t count,
                                        off_t place) {
  ssize_t written = pwrite(descriptor, bytes, count, place);
  if (written <= 0) return written;
  off_t begin = place - place % LINUX_WRITEBACK_STRETCH;
  off_t end = (place + written) - (place + written) % LINUX_WRITEBACK_STRETCH;
  if (end == begin || is_nameless(descriptor)) return written;
  if (sync_file_range(descriptor, begin, end - begin, SYNC_FILE_RANGE_WRITE) == 0 ||
      says_nothing_of_file(errno))
    return written;
  return -1;
}

int linux_await_semaphore(sem_t *semaphore, uint64_t deadline) {
  struct timespec time = {.tv_sec = (time_t)(deadline / 1000000000), .tv_nsec = (long)(deadline % 1000000000)};
  // A signal that is handled is no reason to come back.
  while (sem_clockwait(semaphore, CLOCK_MONOTONIC, &time) != 0)
    if (errno != EINTR) return errno;
  return 0;
}

void linux_name_thread(const char *name) {
  // A name that is too long is cut; nothing else can go wrong.
  (void)prctl(PR_SET_NAME, name);
}

void linux_return_free_memory(void) {
  // Whether there was anything to return.
  (void)malloc_trim(0);
}

int linux_set_direct(int descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0) return errno;
  return fcntl(descriptor, F_SETFL, flags | O_DIRECT) == 0 ? 0 : errno;
}

int linux_unset_direct(int descriptor) {
  int before = errno, code = EALREADY;
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0)
    code = errno;
  else if (flags & O_DIRECT)
    code = fcntl(descriptor, F_SETFL, flags & ~O_DIRECT) == 0 ? 0 : errno;
  errno = before;
  return code;
}

void linux_return_pieces_of(int bytes) {
  // A failure changes nothing but that.
  (void)mallopt(M_MMAP_THRESHOLD, bytes);
}
