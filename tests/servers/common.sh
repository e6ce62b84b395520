# Shared by the install scripts: where things go, and how a half-made thing is never mistaken for a whole one.
# Sourced, never run.

cache="${STATEFULDEPLOY_CACHE:-${HOME:?}/.cache/statefuldeploy}"
servers="$cache/servers"
mkdir -p "$servers"

say() { printf 'servers: %s\n' "$*" >&2; }

have() { command -v "$1" > /dev/null 2>&1; }

# A network that fails once often does not fail twice.
retry() {
    local attempt
    for attempt in 1 2 3; do
        "$@" && return 0
        say "attempt $attempt failed: $*"
        sleep $((attempt * 2))
    done
    return 1
}

# publish TEMPORARY FINAL: what is under its final name is complete, because it only gets there by this rename.
publish() {
    rm -rf -- "$2"
    mv -- "$1" "$2"
}

# The machine's own Debian mirror, read where apt reads it, so that no address stands in this repository: the first source that
# serves this release itself (not its updates or its security archive).
debian_mirror() {
    local release
    release="$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")"
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2> /dev/null | awk -v release="$release" '
        function found(address) { sub(/\/$/, "", address); print address; done = 1; exit }
        /^#/ { next }
        NF == 0 { uri = "" }
        $1 == "URIs:" { uri = $2 }
        $1 == "Suites:" && uri != "" { for (i = 2; i <= NF; i++) if ($i == release) found(uri) }
        $1 == "deb" { sub(/\[[^]]*\]/, ""); if ($3 == release) found($2) }
    ' || true
}
