// System calls that Glibc declares only under _GNU_SOURCE, which Swift's view of Glibc does not set.
// Each returns 0, or the errno of the failure, so that no caller has to read errno across a
// language border.
#ifndef WATCHD_CLINUX_H
#define WATCHD_CLINUX_H

#include <semaphore.h>
#include <stdint.h>
#include <sys/types.h>

// renameat2(2) with RENAME_NOREPLACE: EEXIST where the new name is taken.
int linux_rename_noreplace(int old_directory, const char *old_name, int new_directory,
                           const char *new_name);

// fcntl(2) F_SETLEASE, F_RDLCK and at once F_UNLCK. 0: nobody has the file open for writing.
// EAGAIN: somebody has. EACCES: not ours to ask (neither owner nor CAP_LEASE).
int linux_probe_read_lease(int descriptor);

// syncfs(2): everything of the file system that the open file is on. Reports write errors since 5.8.
int linux_sync_filesystem(int descriptor);

// open(2) with O_TMPFILE: a new file without a name on the directory's file system, gone when it is closed.
// Returns the descriptor, or the negative errno (EOPNOTSUPP where the file system has no such files).
int linux_open_nameless(int directory);

// Bytes, from the beginning of a file.
enum { LINUX_WRITEBACK_STRETCH = 512 << 10 };

// pwrite(2), after which each stretch of a file with a name whose end it came to is on its way to the disk
// (sync_file_range(2), SYNC_FILE_RANGE_WRITE). Nothing is durable by that: the next sync finds less left to wait for, and
// reports what went wrong on the disk. What the call itself reports, as that there is no room for pages that were written before, is
// reported as if the write had failed: the kernel may say it once.
ssize_t linux_write_and_begin_writeback(int descriptor, const void *bytes, size_t count,
                                        off_t place);

// fcntl(2) F_SETFL with O_DIRECT. 0, or the errno: EINVAL where the file system cannot.
int linux_set_direct(int descriptor);

// Takes O_DIRECT away again. 0, or the errno: EALREADY where it was not there. Leaves errno as it is.
int linux_unset_direct(int descriptor);

// mallopt(3) with M_MMAP_THRESHOLD: pieces of at least so many bytes go back to the system when they are freed.
void linux_return_pieces_of(int bytes);

// malloc_trim(3): what is free in the heaps goes back to the system, wherever it lies in them.
void linux_return_free_memory(void);

// prctl(2) PR_SET_NAME: the calling thread's name, of which the kernel keeps 15 bytes.
void linux_name_thread(const char *name);

// sem_clockwait(3) by CLOCK_MONOTONIC, until it has counted so many nanoseconds: 0, or ETIMEDOUT.
int linux_await_semaphore(sem_t *semaphore, uint64_t deadline);

// The f_type of statfs(2) for an open file, as in linux/magic.h; negative errno on failure.
long linux_filesystem_type(int descriptor);

#endif
