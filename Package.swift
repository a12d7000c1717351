// swift-tools-version: 6.2
// Licensed under the Apache License, Version 2.0; see LICENSE.

import PackageDescription

let package = Package(
    name: "swift-events",
    platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
    products: [
        .library(name: "Events", targets: ["Events"]),
        .library(name: "EventsSQLite", targets: ["EventsSQLite"]),
        .library(name: "EventsTesting", targets: ["EventsTesting"]),
        .library(name: "EventsOperations", targets: ["EventsOperations"]),
        .executable(name: "eventbus", targets: ["eventbus"]),
        .executable(name: "AllocationExample", targets: ["AllocationExample"]),
    ],
    targets: [
        .target(name: "Events"),
        // The durable log: SQLite as the system has it, and the few of its functions that Swift cannot call.
        .systemLibrary(name: "CSQLite"),
        .target(name: "CEventsSQLite", dependencies: ["CSQLite"]),
        .target(name: "EventsSQLite", dependencies: ["CEventsSQLite", "CSQLite", "Events"]),
        .target(name: "EventsTesting", dependencies: ["Events"]),
        // getopt_long, which the Swift modules of the C libraries leave out.
        .systemLibrary(name: "CGetopt"),
        // What command lines and terminals need, for the programs here. No product holds it by itself.
        .target(name: "EventsCommandLine", dependencies: ["CGetopt", "Events"]),
        // What people do with a log: look into it, and steer the bus that has it.
        .target(name: "EventsOperations", dependencies: ["CEventsSQLite", "Events", "EventsCommandLine", "EventsSQLite"]),
        .executableTarget(name: "eventbus", dependencies: ["EventsOperations"], path: "Sources/EventbusCommand"),
        .executableTarget(
            name: "AllocationExample",
            dependencies: ["Events", "EventsCommandLine", "EventsSQLite"],
            exclude: ["Data/README.md"],
            resources: [.copy("Data/northwind-orders.jsonl")]
        ),
        .executableTarget(
            name: "PerformanceTests", dependencies: ["CEventsSQLite", "CGetopt", "CSQLite", "Events", "EventsSQLite"],
            path: "PerformanceTests"
        ),
        .testTarget(name: "EventsTests", dependencies: ["Events", "EventsTesting"]),
        // A disk that fails and loses power when a test says so. No product holds it.
        .target(name: "CEventsFaultVFS", dependencies: ["CSQLite"]),
        // A service that tests kill. No product holds it.
        .executableTarget(name: "CrashTestProcess", dependencies: ["Events", "EventsSQLite"]),
        .testTarget(
            name: "EventsSQLiteTests",
            dependencies: [
                "CEventsFaultVFS", "CEventsSQLite", "CSQLite", "CrashTestProcess", "Events", "EventsSQLite", "EventsTesting",
            ],
            resources: [.copy("Migration/Fixtures")]
        ),
        .testTarget(name: "EventsTestingTests", dependencies: ["Events", "EventsTesting"]),
        .testTarget(
            name: "AllocationExampleTests",
            dependencies: ["AllocationExample", "Events", "EventsCommandLine", "EventsSQLite", "EventsTesting"]),
        // Another. No product holds it.
        .executableTarget(name: "LetterTestProcess", dependencies: ["Events", "EventsSQLite"]),
        .testTarget(
            name: "EventsOperationsTests",
            dependencies: [
                "AllocationExample", "CEventsSQLite", "Events", "EventsCommandLine", "EventsOperations", "EventsSQLite",
                "EventsTesting",
                "LetterTestProcess", "eventbus",
            ]),
        .testTarget(name: "EventsCommandLineTests", dependencies: ["Events", "EventsCommandLine"]),
        .testTarget(name: "PerformanceTestsTests", dependencies: ["Events", "EventsSQLite", "PerformanceTests"]),
        .testTarget(name: "DocumentationTests", dependencies: ["Events", "EventsOperations", "EventsSQLite", "EventsTesting"]),
    ]
)

for target in package.targets where target.type != .system && !target.name.hasPrefix("C") {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]
}
