// Tells the thread sanitizer of Swift's Mutex where threads meet at one: without, each such lock looks like none.
//
// The fast path of a Mutex is compiled into its user, and the sanitizer sees the atomic operations there. The slow path is
// in libswiftSynchronization.so, which is not instrumented, and has the kernel hand the lock over. Loaded by LD_PRELOAD,
// this stands before both functions of that path. Swift's calling convention passes the Mutex in a register of its own,
// which `swiftcall` and `swift_context` name.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

// Missing in the programs without a sanitizer that the tests also start.
void __tsan_acquire(void *address) __attribute__((weak));
void __tsan_release(void *address) __attribute__((weak));

typedef SWIFT void lock_function(uint32_t thread, SELF void *mutex);
typedef SWIFT void unlock_function(SELF void *mutex);

static void *next(const char *name) {
  void *function = dlsym(RTLD_NEXT, name);
  if (function == NULL) abort();
  return function;
}

SWIFT void lock_slow(uint32_t thread, SELF void *mutex) __asm__(LOCK);
SWIFT void lock_slow(uint32_t thread, SELF void *mutex) {
  lock_function *function = (lock_function *)next(LOCK);
  function(thread, mutex);
  if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT void unlock_slow(SELF void *mutex) __asm__(UNLOCK);
SWIFT void unlock_slow(SELF void *mutex) {
  unlock_function *function = (unlock_function *)next(UNLOCK);
  if (__tsan_release) __tsan_release(mutex);
  function(mutex);
}
