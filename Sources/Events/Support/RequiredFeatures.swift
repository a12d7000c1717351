//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

// Feature names in `swiftSettings` are case-sensitive and ignored when misspelt, so each one is asked for here.

#if !hasFeature(ExistentialAny)
#error("Package.swift must enable the upcoming feature ExistentialAny")
#endif
#if !hasFeature(MemberImportVisibility)
#error("Package.swift must enable the upcoming feature MemberImportVisibility")
#endif
#if !hasFeature(InternalImportsByDefault)
#error("Package.swift must enable the upcoming feature InternalImportsByDefault")
#endif
// Swift 6.3.1 leaves out executor hops that are needed when this one is on (swiftlang/swift issues 86083 and 88993).
#if hasFeature(NonisolatedNonsendingByDefault)
#error("Package.swift must not enable NonisolatedNonsendingByDefault")
#endif
