#!/usr/bin/env bash
# Puts Azurite, which answers as Azure Blob Storage does, into the cache.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

version=3.35.0
into="$servers/azurite"
[ ! -x "$into/azurite-blob" ] || [ "$(cat "$into/version" 2> /dev/null)" != "$version" ] || exit 0
have npm && have node || { say "no node and npm: no Azurite"; exit 1; }
rm -rf -- "$into".making.*
say "installing azurite $version"
install_package() {
    rm -rf -- "$into.making.$$"
    mkdir -p "$into.making.$$"
    npm install --prefix "$into.making.$$" --no-audit --no-fund --loglevel=error "azurite@$version" > /dev/null
}
retry install_package
printf '#!/bin/sh\nexec node "%s/node_modules/azurite/dist/src/blob/main.js" "$@"\n' "$into" > "$into.making.$$/azurite-blob"
chmod 755 "$into.making.$$/azurite-blob"
printf '%s\n' "$version" > "$into.making.$$/version"
publish "$into.making.$$" "$into"
