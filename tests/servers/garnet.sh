#!/usr/bin/env bash
# Puts two versions of the Garnet server, each a .NET tool, into the cache.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

for version in 2.2.2 2.2.8; do
    into="$servers/garnet-$version"
    [ ! -x "$into/garnet-server" ] || continue
    have dotnet || { say "no .NET SDK: no Garnet"; exit 1; }
    rm -rf -- "$into".making.*
    say "installing garnet-server $version"
    install_tool() {
        rm -rf -- "$into.making.$$"
        dotnet tool install --tool-path "$into.making.$$" garnet-server --version "$version" > /dev/null
    }
    retry install_tool
    # The package is kept twice beside what was unpacked from it, a fifth of a gigabyte that nothing reads again.
    find "$into.making.$$" -name '*.nupkg' -delete
    publish "$into.making.$$" "$into"
done
