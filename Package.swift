// swift-tools-version: 6.2
import PackageDescription

/// Warnings are errors where the checks run, not where a newer compiler builds the product.
let warningsAreErrors: [SwiftSetting] =
  Context.environment["WATCHD_STRICT"] == "1" ? [.treatAllWarnings(as: .error)] : []

/// The language rules of every Swift target, in one place.
let swiftSettings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
  ] + warningsAreErrors

/// A module; the files that are compiled in are named one by one.
func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], compiledIn: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, resources: compiledIn.map { .embedInCode($0) },
    swiftSettings: swiftSettings)
}

func tool(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

/// Test targets; resources are found beside their source, for they are scripts that other programs run.
func tests(
  _ name: String, _ dependencies: [Target.Dependency], resources: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], exclude: resources,
    swiftSettings: swiftSettings)
}

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let configuration = Target.Dependency.product(
  name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(
  name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
  name: "watchd",
  products: [
    .executable(name: "watchd", targets: ["watchd"]),
    .executable(name: "watchctl", targets: ["watchctl"]),
    // For the tests: loaded into a daemon by LD_PRELOAD, so a file of its own, on which nothing depends.
    .library(name: "FaultShim", type: .dynamic, targets: ["FaultShim"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(
      url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    // What comes from C. Two link Debian's libraries; CLinux is our own, for the few system
    // calls that Glibc shows only under _GNU_SOURCE.
    .systemLibrary(
      name: "CInotifyTools", providers: [.apt(["libinotifytools0-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CLinux"),
    .target(name: "CByteMask"),

    // Pure: no files, no threads, no clock.
    module("TaskModel"),
    module("ContentHash", ["CByteMask", crypto]),
    module("CSV", ["CByteMask", "ContentHash"]),
    module("PlayRows"),
    module("Tally", ["CByteMask", "CSV", "PlayRows"]),
    module("PlayGenerator"),

    // The system behind doors.
    module("Files", ["CLinux", "TaskModel"]),
    module("Supervisor", ["Files"]),
    module("Hooks", ["TaskModel", logging, subprocess, systemPackage]),
    module("Inbox", ["CInotifyTools", "CLinux", "ContentHash", "Files", "TaskModel", logging]),
    module("TaskStore", ["CLinux", "PlayRows", "TaskModel", grdb, grdbSQLite]),

    // The product.
    module(
      "Pipeline",
      [
        "ContentHash", "CSV", "CZlib", "Files", "Inbox", "PlayRows", "Tally", "TaskModel",
        "TaskStore", collections, crypto, logging,
      ]),
    module("Operations", ["Files", "Inbox", "Pipeline", "TaskModel", "TaskStore"]),
    module(
      "HTTPAPI",
      [
        "Operations", "TaskModel", crypto, hummingbird, hummingbirdCore, logging, nioHTTP, nioPosix,
        serviceLifecycle,
      ],
      compiledIn: [
        "index.html", "style.css", "icon.svg", "api.js", "app.js", "chart.js", "detail.js",
        "dom.js", "format.js", "list.js", "live.js", "table.js", "tasks.js", "upload.js",
      ].map { "Page/" + $0 }),

    // The programs.
    tool(
      "watchd",
      [
        "Files", "HTTPAPI", "Hooks", "Inbox", "Operations", "Pipeline", "Supervisor", "TaskModel",
        "TaskStore", argumentParser, configuration, logging, serviceLifecycle, systemPackage,
        unixSignals, yams,
      ]),
    tool(
      "watchctl",
      [
        "CSV", "Files", "Operations", "Pipeline", "PlayGenerator", "TaskModel", "TaskStore",
        argumentParser, logging, nioHTTP, nioPosix,
      ]),

    // One test target a module, and three that look at the whole.
    .target(name: "FaultShim", path: "Tests/FaultShim"),
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swiftSettings),
    tests("TaskModel", ["TaskModel"]),
    tests("ContentHash", ["CByteMask", "ContentHash", crypto]),
    tests("CSV", ["ContentHash", "CSV", subprocess]),
    tests("Tally", ["CSV", "PlayRows", "Tally"]),
    tests("PlayGenerator", ["PlayGenerator", subprocess]),
    tests("Files", ["Files", "TaskModel"]),
    tests("Supervisor", ["Files", "Supervisor"]),
    tests("Hooks", ["Hooks", "TaskModel", logging]),
    tests("Inbox", ["Files", "Inbox", "TaskModel", logging]),
    tests(
      "TaskStore", ["CLinux", "PlayRows", "TaskModel", "TaskStore", grdb],
      resources: ["Databases"]),
    tests(
      "Pipeline",
      [
        "ContentHash", "CSV", "CZlib", "Files", "Inbox", "Pipeline", "PlayRows", "Tally",
        "TaskModel",
        "TaskStore", crypto, grdb, logging,
      ]),
    tests("Operations", ["Files", "Operations", "PlayRows", "TaskModel", "TaskStore"]),
    tests("HTTPAPI", ["HTTPAPI", nioCore]),
    tests("Architecture", ["TaskModel"]),
    tests(
      "EndToEnd", ["TaskModel", "watchd", "watchctl", crypto, grdb, subprocess],
      resources: ["Resources"]),
  ]
)
