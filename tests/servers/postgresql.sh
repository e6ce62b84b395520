#!/usr/bin/env bash
# Puts the next Debian release's PostgreSQL where the user it must run as can read it: the server refuses root, and a cache in root's home
# is closed to everybody else. The launchers keep the layout of the package, by which its programs find their own files.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

version=17
root="$cache/rootfs/trixie"
shared="${STATEFULDEPLOY_SHARED:-/var/cache/statefuldeploy}"
into="$shared/servers/postgresql-$version"
[ ! -x "$into/usr/lib/postgresql/$version/bin/postgres" ] || exit 0
[ -x "$root/usr/lib/postgresql/$version/bin/postgres" ] || { say "$root has no PostgreSQL $version"; exit 1; }
mkdir -p "$shared/servers"
chmod 755 "$shared" "$shared/servers"
rm -rf -- "$into".making.*
made="$into.making.$$"
say "making $into"
mkdir -p "$made/usr/lib/postgresql/$version/bin" "$made/usr/share/postgresql" "$made/real" "$made/libraries"

triplet="$(basename "$(dirname "$(find "$root/usr/lib" -maxdepth 2 -name libc.so.6 | head -n 1)")")"
loader="$(find "$root/usr/lib64" "$root/usr/lib" -maxdepth 2 -name 'ld-linux-*.so.*' | head -n 1)"
cp -L "$loader" "$made/loader"
cp -a "$root/usr/lib/postgresql/$version/lib" "$made/usr/lib/postgresql/$version/lib"
# Just-in-time compilation alone would need a hundred megabytes of libraries.
rm -rf "$made/usr/lib/postgresql/$version/lib/bitcode" "$made/usr/lib/postgresql/$version/lib/"llvmjit*
cp -aL "$root/usr/share/postgresql/$version" "$made/usr/share/postgresql/$version"
cp -a "$root/usr/lib/postgresql/$version/bin/." "$made/real/"

# The libraries that its programs and modules name, from its own release.
for file in "$made/real/"* "$made/usr/lib/postgresql/$version/lib/"*.so; do
    "$made/loader" --inhibit-cache --library-path "$root/usr/lib/$triplet" --list "$file" 2> /dev/null | awk '$2 == "=>" && $3 ~ /^\// { print $3 }'
done | sort -u | while read -r library; do cp -L "$library" "$made/libraries/"; done
cp -L "$root/usr/lib/$triplet/"libnss_files.so.2 "$made/libraries/" 2> /dev/null || true

for program in "$made/real/"*; do
    name="$(basename "$program")"
    cat > "$made/usr/lib/postgresql/$version/bin/$name" << LAUNCHER
#!/bin/sh
# --inhibit-cache: this machine's ld.so.cache names libraries of another release.
exec "$into/loader" --inhibit-cache --library-path "$into/libraries" --argv0 "\$0" "$into/real/$name" "\$@"
LAUNCHER
    chmod 755 "$made/usr/lib/postgresql/$version/bin/$name"
done
chmod -R go+rX "$made"
publish "$made" "$into"
