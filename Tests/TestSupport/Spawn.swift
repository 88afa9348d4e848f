import Glibc

/// A system call of `spawn` that failed.
struct SpawnError: Error, CustomStringConvertible {
  let description: String
}

/// Starts a program with posix_spawn(3) and returns its process id.
///
/// Not with Foundation's Process, which sometimes crashed in `run` on Linux after some hundred starts.
/// The child gets every signal, for the threads on which Swift runs tests block most of them.
///
/// All C objects live within this call, and posix_spawn has read what they point to when it returns.
func spawn(
  _ program: String, _ arguments: [String], environment: [String], output: String, errors: String
) throws -> Int32 {
  var actions = unsafe posix_spawn_file_actions_t()
  try check("posix_spawn_file_actions_init", unsafe posix_spawn_file_actions_init(&actions))
  defer { unsafe posix_spawn_file_actions_destroy(&actions) }
  for (descriptor, path, flags) in [
    (0, "/dev/null", O_RDONLY), (1, output, O_WRONLY | O_CREAT | O_APPEND),
    (2, errors, O_WRONLY | O_CREAT | O_APPEND),
  ] {
    try check(
      "posix_spawn_file_actions_addopen",
      unsafe posix_spawn_file_actions_addopen(&actions, Int32(descriptor), path, flags, 0o644))
  }
  // Another thread may have a file open for writing just now, without O_CLOEXEC, and a daemon waits for
  // writers. Closing what is not open is no error here.
  for descriptor in 3..<Int32(256) {
    try check(
      "posix_spawn_file_actions_addclose",
      unsafe posix_spawn_file_actions_addclose(&actions, descriptor))
  }

  var attributes = posix_spawnattr_t()
  try check("posix_spawnattr_init", unsafe posix_spawnattr_init(&attributes))
  defer { unsafe posix_spawnattr_destroy(&attributes) }
  var all = sigset_t()
  var none = sigset_t()
  unsafe sigfillset(&all)
  unsafe sigemptyset(&none)
  try check(
    "posix_spawnattr_setsigdefault", unsafe posix_spawnattr_setsigdefault(&attributes, &all))
  try check("posix_spawnattr_setsigmask", unsafe posix_spawnattr_setsigmask(&attributes, &none))
  try check(
    "posix_spawnattr_setflags",
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK)))

  let argv = unsafe cStrings(arguments)
  let envp = unsafe cStrings(environment)
  defer {
    for index in unsafe argv.indices { unsafe free(argv[index]) }
    for index in unsafe envp.indices { unsafe free(envp[index]) }
  }
  var processID: Int32 = 0
  try check(
    program, unsafe posix_spawn(&processID, program, &actions, &attributes, argv, envp))
  return processID
}

/// Copies that `free` must end, with the null pointer that execve(2) wants last.
private func cStrings(_ strings: [String]) -> [UnsafeMutablePointer<CChar>?] {
  unsafe strings.map { unsafe strdup($0) } + [nil]
}

/// The functions of posix_spawn return their error instead of setting errno.
private func check(_ name: String, _ result: Int32) throws {
  guard result == 0 else {
    throw SpawnError(description: "\(name): \(unsafe String(cString: strerror(result)))")
  }
}
