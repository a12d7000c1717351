# shellcheck shell=bash
# What all scripts share: the root of the clone, messages, and the set-up of a
# machine. Sourced, never run. Works in the bash 3.2 of macOS.

# Every script works from any directory: this is the clone, with no trailing
# slash, and it may contain spaces.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

minimum_swift=6.2

# What the package links besides the toolchain, and cannot be built without, one
# a line:
#   header that proves it is there | Debian, Ubuntu | Fedora | Alpine
# macOS brings all of it in its SDK.
system_packages='
sqlite3.h|libsqlite3-dev|sqlite-devel|sqlite-dev
'

# Messages go to stderr: the stdout of a script is that of the program it runs.
note() { printf '%s\n' "$*" >&2; }

die() {
    note "error: $*"
    exit 1
}

# Prints the comment at the head of the calling script, which is its help.
print_help() {
    awk 'NR == 1 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$0"
}

# -- Swift ------------------------------------------------------------------

# The directories in which toolchains are found, the most likely first.
swift_places() {
    local on_path
    on_path=$(command -v swift || true)
    if [[ -n $on_path ]]; then dirname "$on_path"; fi
    printf '%s\n' \
        "${SWIFTLY_BIN_DIR:-}" \
        "${SWIFTLY_HOME_DIR:+$SWIFTLY_HOME_DIR/bin}" \
        "${HOME:-/root}/.local/share/swiftly/bin" \
        "${HOME:-/root}/.swiftly/bin" \
        /opt/swift/usr/bin \
        /opt/swift*/usr/bin \
        /usr/share/swift/usr/bin \
        /usr/local/swift/usr/bin \
        /usr/libexec/swift/bin \
        /usr/libexec/swift/*/bin
}

# Prints the version of the `swift` in a directory, or nothing when what is
# there is something else: OpenStack's client has the same name.
swift_version_in() {
    "$1/swift" --version 2>/dev/null </dev/null |
        sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9.]*\).*/\1/p' |
        sed -n 1p
}

# Whether version $1 is at least version $2; two numbers of each count.
is_at_least() {
    local a_major=${1%%.*} b_major=${2%%.*} a_minor b_minor
    a_minor=${1#*.} && a_minor=${a_minor%%.*}
    b_minor=${2#*.} && b_minor=${b_minor%%.*}
    ((a_major > b_major || (a_major == b_major && a_minor >= b_minor)))
}

# Finds a new enough toolchain and puts it first on the PATH.
find_swift() {
    local place version too_old=''
    while IFS= read -r place; do
        if [[ -z $place || ! -x $place/swift ]]; then continue; fi
        version=$(swift_version_in "$place" || true)
        if [[ -z $version ]]; then continue; fi
        if is_at_least "$version" "$minimum_swift"; then
            swift_found="Swift $version in $place"
            # Where it was found on the PATH it already comes first.
            if [[ $(command -v swift || true) != "$place/swift" ]]; then
                export PATH="$place:$PATH"
            fi
            return
        fi
        too_old+="    $place/swift is $version"$'\n'
    done < <(swift_places)

    if [[ -n $too_old ]]; then
        note "error: Swift $minimum_swift or newer is needed. Found only:"
        note "${too_old%$'\n'}"
    else
        note "error: Swift $minimum_swift or newer is needed; none was found."
    fi
    note 'Install it from https://www.swift.org/install, then put its bin'
    note 'directory on the PATH, or unpack the toolchain to /opt/swift.'
    exit 1
}

# -- System packages --------------------------------------------------------

has_header() {
    local directory directories=()
    IFS=: read -r -a directories <<<"${CPATH:-}:${C_INCLUDE_PATH:-}"
    for directory in ${directories[@]+"${directories[@]}"} \
        /usr/include /usr/local/include; do
        if [[ -n $directory && -e $directory/$1 ]]; then return 0; fi
    done
    return 1
}

# Sets missing_debian, missing_fedora and missing_alpine to what is missing.
find_missing_packages() {
    local header debian fedora alpine
    missing_debian=() missing_fedora=() missing_alpine=()
    while IFS='|' read -r header debian fedora alpine; do
        if [[ -z $header ]] || has_header "$header"; then continue; fi
        missing_debian+=("$debian")
        missing_fedora+=("$fedora")
        missing_alpine+=("$alpine")
    done <<<"$system_packages"
}

# Runs apt_get without a question, and without waiting forever for a network or
# another apt. What makes it root is in as_root.
quiet_apt() {
    local command=(
        ${as_root[@]+"${as_root[@]}"}
        env DEBIAN_FRONTEND=noninteractive "${apt_get[@]}" -qq
        -o DPkg::Lock::Timeout=60
        -o Acquire::Retries=1
        -o Acquire::http::Timeout=15
        -o Acquire::https::Timeout=15
        "$@"
    )
    "${command[@]}" </dev/null
}

apt_install() {
    # A repository that fails to update need not be the one that is needed. Only
    # this part may be cut short: dpkg must never be.
    local apt_get=(timeout 90 apt-get)
    quiet_apt update || true
    apt_get=(apt-get)
    quiet_apt install --yes --no-install-recommends "$@"
}

# Installs Debian packages, in two tries. Sets why_not when it cannot.
install_debian_packages() {
    local log
    as_root=()
    if [[ $EUID -ne 0 ]]; then
        if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
            why_not='neither root nor sudo without a password'
            return 1
        fi
        as_root=(sudo -n)
    fi

    note "Installing $* with apt-get ..."
    if log=$(apt_install "$@" 2>&1); then return 0; fi
    sleep 2 # a mirror in the middle of its update answers a moment later
    if log=$(apt_install "$@" 2>&1); then return 0; fi
    note "$(tail -n 5 <<<"$log")"
    why_not='apt-get failed, see above'
    return 1
}

print_install_command() {
    local sudo=''
    if [[ $EUID -ne 0 ]]; then sudo='sudo '; fi
    if command -v apt-get >/dev/null; then
        note "    ${sudo}apt-get update"
        note "    ${sudo}apt-get install -y ${missing_debian[*]}"
    elif command -v dnf >/dev/null; then
        note "    ${sudo}dnf install -y ${missing_fedora[*]}"
    elif command -v apk >/dev/null; then
        note "    ${sudo}apk add ${missing_alpine[*]}"
    else
        note "    Debian, Ubuntu: apt-get install -y ${missing_debian[*]}"
        note "    Fedora:         dnf install -y ${missing_fedora[*]}"
        note "    Alpine:         apk add ${missing_alpine[*]}"
    fi
}

ensure_system_packages() {
    if [[ $(uname -s) == Darwin ]]; then return 0; fi
    find_missing_packages
    if [[ ${#missing_debian[@]} -eq 0 ]]; then return 0; fi

    why_not='there is no apt-get here'
    if command -v apt-get >/dev/null &&
        install_debian_packages "${missing_debian[@]}"; then
        find_missing_packages
        if [[ ${#missing_debian[@]} -eq 0 ]]; then return 0; fi
        why_not='apt-get installed it, but its header is still not found'
    fi

    note "Missing: ${missing_debian[*]} (as Debian calls it). Not installed:"
    note "$why_not. To install by hand:"
    note ''
    print_install_command
    note ''
    note "error: the package links it and cannot be built without."
    return 1
}

# -- What the scripts call --------------------------------------------------

# Makes the machine ready. Costs one `swift --version` when nothing is missing.
# A script that has just done this tells those it calls by
# SWIFT_EVENTS_SETUP=done, so that a machine without a network is not made to
# try apt again and again.
setup() {
    find_swift
    if [[ ${SWIFT_EVENTS_SETUP:-} != "done" ]]; then ensure_system_packages; fi
}

# What scripts/setup says when all is there.
print_setup() { note "Ready: $swift_found."; }

# The flags that every build of a script shares. They are the same in each
# script, because SwiftPM builds everything again when they change.
build_flags=()
if [[ -n ${WARNINGS_AS_ERRORS:-} && ${WARNINGS_AS_ERRORS:-} != 0 ]]; then
    # For Swift only: C targets keep the warnings of the system's headers.
    build_flags+=(-Xswiftc -warnings-as-errors)
fi

# Builds an executable product for release and sets release_bin to where it is.
build_release() {
    local build=(
        swift build --package-path "$root" -c release --product "$1"
        ${build_flags[@]+"${build_flags[@]}"}
    )
    "${build[@]}" >&2 </dev/null
    release_bin=$("${build[@]}" --show-bin-path </dev/null)
}

# Builds an executable product for release and becomes it. The program keeps
# the caller's directory, so that a relative path means what it says, and has
# stdout for itself.
exec_release() {
    local product=$1
    shift
    build_release "$product"
    exec "$release_bin/$product" "$@"
}
