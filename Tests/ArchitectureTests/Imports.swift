/// Who may import whom: the arrows of the architecture.
struct ImportTable {
  /// What a module may import of our own modules.
  let own: [String: Set<String>]
  /// What a module may import of packages.
  let packages: [String: Set<String>]
  /// What comes with the toolchain, for every module that is not pure.
  let toolchain: Set<String>
  /// Modules that import nothing but what `own` and `packages` name, nothing else of the toolchain either.
  let pure: Set<String>
  /// What only files whose path begins so may import.
  let doors: [String: [String]]

  static let project = ImportTable(
    own: [
      "CByteMask": [], "CInotifyTools": [], "CLinux": [], "CZlib": [], "TaskModel": [],
      "ContentHash": ["CByteMask"], "CSV": ["CByteMask", "ContentHash"], "PlayRows": [],
      "Tally": ["CByteMask", "CSV", "PlayRows"],
      "PlayGenerator": [],
      "Files": ["CLinux", "TaskModel"],
      "Supervisor": ["Files"], "Hooks": ["TaskModel"],
      "Inbox": ["CInotifyTools", "CLinux", "ContentHash", "Files", "TaskModel"],
      "TaskStore": ["CLinux", "PlayRows", "TaskModel"],
      "Pipeline": [
        "ContentHash", "CSV", "CZlib", "Files", "Inbox", "PlayRows", "Tally", "TaskModel",
        "TaskStore",
      ],
      "Operations": ["Files", "Inbox", "Pipeline", "TaskModel", "TaskStore"],
      "HTTPAPI": ["Operations", "TaskModel"],
      "watchd": [
        "Files", "HTTPAPI", "Hooks", "Inbox", "Operations", "Pipeline", "Supervisor", "TaskModel",
        "TaskStore",
      ],
      "watchctl": [
        "CSV", "Files", "Operations", "Pipeline", "PlayGenerator", "TaskModel", "TaskStore",
      ],
    ],
    packages: [
      "ContentHash": ["Crypto"],
      // For posix_memalign(3) and madvise(2): large tables ask for huge pages.
      "Tally": ["Glibc", "Synchronization"],
      "Hooks": ["Logging", "Subprocess", "SystemPackage"],
      "Inbox": ["Logging"],
      "TaskStore": ["GRDB", "GRDBSQLite"],
      "Pipeline": ["Crypto", "DequeModule", "Logging"],
      "HTTPAPI": [
        "Crypto", "Hummingbird", "HummingbirdCore", "Logging", "NIOCore", "NIOHTTP1", "NIOPosix",
        "ServiceLifecycle",
      ],
      "watchd": [
        "ArgumentParser", "Configuration", "Logging", "ServiceLifecycle", "SystemPackage",
        "UnixSignals", "Yams",
      ],
      "watchctl": [
        "ArgumentParser", "Logging", "NIOCore", "NIOHTTP1", "NIOPosix",
      ],
    ],
    toolchain: ["Dispatch", "Foundation", "Glibc", "Synchronization"],
    pure: ["TaskModel", "ContentHash", "CSV", "PlayGenerator", "PlayRows", "Tally"],
    doors: [
      "CByteMask": [
        "Sources/ContentHash/", "Tests/ContentHashTests/", "Sources/CSV/Bytes.swift",
        "Sources/CSV/FieldEnds.swift", "Sources/CSV/PlainLoop.swift",
        "Sources/Tally/FetchAhead.swift", "Sources/Tally/RecentGroups.swift",
      ],
      "CInotifyTools": ["Sources/Inbox/"],
      // Its tests pack what it unpacks.
      "CZlib": ["Sources/Pipeline/Gzip", "Tests/PipelineTests/Gzip"],
      "GRDBSQLite": ["Sources/TaskStore/SQLite"],
    ])

  /// The imports that the table does not allow.
  func findings(in files: [SourceFile]) -> [Finding] {
    files.flatMap { file in
      imports(of: file).compactMap { (line, imported) in
        sentence(against: imported, in: file.module).map { Finding(file.path, line: line, $0) }
      }
    }
  }

  /// The imports, in tests as well, that go past a door.
  func doorFindings(in files: [SourceFile]) -> [Finding] {
    files.flatMap { file in
      imports(of: file).compactMap { (line, imported) -> Finding? in
        guard let doors = doors[imported], !doors.contains(where: file.path.hasPrefix) else {
          return nil
        }
        return Finding(
          file.path, line: line,
          "only \(doors.joined(separator: "*, "))* imports \(imported); use what that module offers"
        )
      }
    }
  }

  private func sentence(against imported: String, in module: String) -> String? {
    guard let ownAllowed = own[module] else {
      return "the module \(module) has no row in the table of imports; add one"
    }
    if ownAllowed.contains(imported) { return nil }
    if own[imported] != nil {
      return "\(module) may not import \(imported), only \(shown(ownAllowed)) of our own modules"
    }
    if pure.contains(module), packages[module]?.contains(imported) != true {
      return "\(module) is pure and may not import \(imported)"
    }
    let packagesAllowed = packages[module] ?? []
    if packagesAllowed.union(toolchain).contains(imported) { return nil }
    return "\(module) may not import \(imported), only \(shown(packagesAllowed)) of packages"
  }

  private func shown(_ modules: Set<String>) -> String {
    modules.isEmpty ? "none" : modules.sorted().joined(separator: ", ")
  }
}

/// The modules that a file imports, with the numbers of the lines.
func imports(of file: SourceFile) -> [(line: Int, module: String)] {
  file.codeLines.enumerated().compactMap { (index, line) in
    var words = line.split(separator: " ")[...]
    while let word = words.first, word != "import" {
      guard word.hasPrefix("@") || accessLevels.contains(word) else { return nil }
      words.removeFirst()
    }
    // `import struct Foundation.URL` names a kind first.
    guard let last = words.dropFirst().last else { return nil }
    return (index + 1, String(last.prefix { $0 != "." }))
  }
}

private let accessLevels: Set<Substring> = [
  "public", "package", "internal", "fileprivate", "private",
]
