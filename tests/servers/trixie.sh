#!/usr/bin/env bash
# Makes one root folder of the next Debian release with its newer servers in it, and launchers beside it that run them on this
# machine's own file system: each hands the program to that release's own loader, so no chroot and no rights are needed to run it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

root="$cache/rootfs/trixie"
packages="redis-server redis-tools valkey-server valkey-tools postgresql-17"
export PATH="$PATH:/usr/sbin:/sbin"

make_root() {
    local mirror made="$root.making.$$"
    have debootstrap || { say "debootstrap is missing: no trixie servers"; return 1; }
    [ "$(id -u)" = 0 ] || { say "needs root to make $root"; return 1; }
    mirror="$(debian_mirror)"
    [ -n "$mirror" ] || { say "apt's sources name no Debian mirror"; return 1; }

    mkdir -p "$cache/rootfs"
    rm -rf -- "$root".making.*
    say "making $root (about a minute)"
    if ! debootstrap --variant=minbase trixie "$made" "$mirror" > "$cache/rootfs/trixie.log" 2>&1; then
        tail -n 20 "$cache/rootfs/trixie.log" >&2
        rm -rf -- "$made"
        return 1
    fi
    policy "$made" && publish "$made" "$root"
}

# Nothing that is installed in there may start by itself.
policy() {
    printf '#!/bin/sh\nexit 101\n' > "$1/usr/sbin/policy-rc.d"
    chmod 755 "$1/usr/sbin/policy-rc.d"
}

in_root() { chroot "$root" /usr/bin/env DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }

# Those of the packages that an earlier run did not get in, or that a newer version of this script asks for.
missing_packages() {
    local package
    for package in $packages; do
        grep -A1 -x "Package: $package" "$root/var/lib/dpkg/status" 2> /dev/null | grep -qx 'Status: install ok installed' || printf '%s ' "$package"
    done
}

add_packages() {
    say "adding to $root: $*"
    cp /etc/resolv.conf "$root/etc/resolv.conf" 2> /dev/null || true
    in_root dpkg --configure -a >> "$cache/rootfs/trixie.log" 2>&1 || true
    retry in_root apt-get -q update >> "$cache/rootfs/trixie.log" 2>&1
    retry in_root apt-get -q -y install --no-install-recommends "$@" >> "$cache/rootfs/trixie.log" 2>&1
    in_root apt-get clean
}

# launcher FOLDER PROGRAM…: each program of the root as an ordinary executable of this machine.
launcher() {
    local folder="$servers/$1" program made
    shift
    mkdir -p "$folder"
    for program in "$@"; do
        [ -e "$root/usr/bin/$program" ] || { say "$root has no $program"; return 1; }
        made="$folder/.$program.$$"
        cat > "$made" << LAUNCHER
#!/bin/sh
# --inhibit-cache: this machine's ld.so.cache names libraries of another release.
exec "$loader" --inhibit-cache --library-path "$libraries" --argv0 "\$0" "$root/usr/bin/$program" "\$@"
LAUNCHER
        chmod 755 "$made"
        mv -- "$made" "$folder/$program"
    done
}

[ -d "$root" ] || make_root
missing="$(missing_packages)"
[ -z "$missing" ] || add_packages $missing

loader="$(find "$root/usr/lib64" "$root/usr/lib" -maxdepth 2 -name 'ld-linux-*.so.*' 2> /dev/null | head -n 1)"
[ -n "$loader" ] || { say "$root has no loader"; exit 1; }
triplet="$(basename "$(dirname "$(find "$root/usr/lib" -maxdepth 2 -name libc.so.6 | head -n 1)")")"
libraries="$root/usr/lib/$triplet"

launcher redis-8.0 redis-server redis-cli redis-benchmark
launcher valkey-8.1 valkey-server valkey-cli
