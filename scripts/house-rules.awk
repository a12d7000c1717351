# The rules of this project that swift-format does not know, called by
# scripts/lint with `-v header=FILE` and all Swift files. Prints one line per
# finding, `path:line: what and why`, and fails if there is one.
#
# The rules look at code alone: comments and the contents of strings are cut off
# first. A *reason* is a comment of at least three words on the same line or on
# the lines directly above (attributes may stand between).
#
# Portable awk: no \b, no {n}, no nextfile.

BEGIN {
    while ((getline line < header) > 0) wanted[++header_length] = line
    live = "Sources/Events/Time/BusEnvironment+Live.swift"
    # Requirements of the standard library's protocols.
    split("description debugDescription errorDescription id hash hashValue rawValue encode enqueue build == < " \
        "Element Failure AsyncIterator Iterator Instant Duration RawValue ID Body makeAsyncIterator makeIterator next now " \
        "minimumResolution sleep advanced duration init(from init(rawValue init(stringLiteral init(integerLiteral " \
        "init(arrayLiteral init(dictionaryLiteral", names, " ")
    for (i in names) required[names[i]] = 1
    start = "(^|[^A-Za-z0-9_.])"
}

function report(message) {
    printf "%s:%d: %s\n", FILENAME, FNR, message
    findings++
}

# Splits a line into `code` and `comment`; blocks and long strings go on over
# lines. Good for what people write, not a parser: quotes inside an interpolation
# only toggle, and end with the line.
function split_line(line,    i, c, three, in_string, length_) {
    code = ""
    comment = ""
    in_string = 0
    length_ = length(line)
    for (i = 1; i <= length_; i++) {
        c = substr(line, i, 1)
        three = substr(line, i, 3)
        if (in_block) {
            if (substr(line, i, 2) == "*/") { in_block = 0; i++ }
            else comment = comment c
        } else if (in_long_string) {
            if (three == "\"\"\"") { in_long_string = 0; i += 2; code = code three }
        } else if (in_string) {
            if (c == "\\") i++
            else if (c == "\"") { in_string = 0; code = code c }
        } else if (substr(line, i, 2) == "//") {
            comment = comment substr(line, i)
            return
        } else if (substr(line, i, 2) == "/*") {
            in_block = 1
            i++
        } else if (three == "\"\"\"") {
            in_long_string = 1
            i += 2
            code = code three
        } else {
            if (c == "\"") in_string = 1
            code = code c
        }
    }
}

# Whether this line, or the comment above it, says why. Call it last: it uses
# up the text.
function has_reason(    text, words) {
    text = above " " comment
    gsub(/MARK:.*|swift-format-ignore[^\/]*/, " ", text)
    gsub(/[^A-Za-z]+/, " ", text)
    sub(/^ /, "", text)
    return split(text, words, " ") >= 3
}

# The name a declaration introduces: `init` keeps its first label, a result builder's methods are all `build`.
function name_in(declaration,    name) {
    name = declaration
    sub(/.*(var|let|func|typealias|associatedtype|struct|class|enum|actor|protocol|case|macro) +/, "", name)
    if (name ~ /init[?]?[(<]/) { sub(/.*init[?]?/, "init", name); sub(/[ :].*/, "", name) }
    else if (name ~ /subscript *[(<]/) name = "subscript"
    else if (name ~ /^build[A-Z]/) name = "build"
    else if (name ~ /^[A-Za-z_`]/) sub(/[^A-Za-z0-9_`].*/, "", name)
    else sub(/[ (].*/, "", name)
    return name
}

FNR == 1 {
    in_block = in_long_string = 0
    above = ""
    documented = excused = in_protocol = 0
    in_sources = FILENAME ~ /^Sources\//
    in_core = FILENAME ~ /^Sources\/Events\//
    in_tests = FILENAME ~ /^Tests\//
    header_stands = 1
}

# -- Licence header ----------------------------------------------------------

FILENAME == "Package.swift" {
    # Its first line belongs to SwiftPM.
    if (FNR == 2 && $0 !~ /^\/\/ Licensed under the Apache License/)
        report("the second line must name the licence")
}

FILENAME != "Package.swift" && FNR <= header_length && header_stands && $0 != wanted[FNR] {
    header_stands = 0
    report("the file must begin with the text of scripts/licence-header.txt")
}

# -- Code --------------------------------------------------------------------

{
    split_line($0)

    if (in_sources && FILENAME != live) {
        finding = ""
        if (code ~ start "Task *[{]") finding = "Task { }"
        else if (in_core && code ~ start "Task[(]") finding = "Task( )"
        else if (code ~ start "Task[.](detached|immediate|sleep)") finding = "Task.detached, Task.sleep"
        else if (code ~ start "Date([(][)]|[.]now|[(]timeIntervalSinceNow)") finding = "Date()"
        if (finding != "" && in_core)
            report(finding ": only BusEnvironment+Live.swift makes these; take them from BusEnvironment")
        else if (finding != "" && (has_reason() || FNR == excused + 1))
            excused = FNR  # one reason does for a sleep inside its task
        else if (finding != "")
            report(finding ": needs a comment that says why it does not come from an environment or a clock")
    }

    if (code ~ /try!/ && !has_reason()) report("try! needs a comment that says why it cannot throw")
    if (code ~ start "(fatalError|preconditionFailure)[(]" && $0 !~ /(fatalError|preconditionFailure)[(]"[^" ]+ [^" ]+ / \
        && !has_reason())
        report("a trap needs a message or a comment that says why it cannot be reached")
    if (code ~ /@unchecked +Sendable/ && !has_reason())
        report("@unchecked Sendable needs a comment that says what makes it safe")
    if (code ~ /nonisolated[(]unsafe[)]/ && !has_reason())
        report("nonisolated(unsafe) needs a comment that says what makes it safe")

    if (in_tests && code ~ /(Task|Thread)[.]sleep|(Continuous|Suspending)Clock[(][)][.]sleep|[.](continuous|suspending)[.]sleep/ \
        && code !~ /clock: *[a-z]/)
        report("tests do not sleep: use virtual time (ManualClock) or await what is to happen")
    if (in_tests && code ~ start "(u|nano)?sleep[(]" && code !~ /func +(u|nano)?sleep[(]/)
        report("tests do not sleep: use virtual time (ManualClock) or await what is to happen")

    # Every public symbol is documented, except what implements a requirement: the protocol's documentation is shown for it.
    if (code ~ /^(public |package )?protocol /) in_protocol = 1
    else if (code ~ /^}/) in_protocol = 0
    if (in_protocol && code ~ /(var|func|init|associatedtype) *[A-Za-z<(]/) required[name_in(code)] = 1
    if (in_sources && !documented && code ~ /^ *(@[A-Za-z]+([(][^)]*[)])? +)*(public|open) / \
        && code !~ /(public|open) +(import|extension) /) {
        undocumented[++undocumented_count] = FILENAME ":" FNR
        undocumented_name[undocumented_count] = name_in(code)
    }

    # What the next line finds above itself.
    if (code ~ /^ *$/ && comment != "") {
        above = above " " comment
        documented = comment ~ /^\/\/\// || documented
    } else if (code !~ /^ *@[A-Za-z]+([(].*[)])? *$/ || code ~ /^ *$/) {
        above = ""
        documented = 0
    }
}

END {
    for (i = 1; i <= undocumented_count; i++)
        if (!(undocumented_name[i] in required)) {
            print undocumented[i] ": a public symbol needs a doc comment (meaning, units, default, what it throws, cancellation)"
            findings++
        }
    exit findings > 0
}
