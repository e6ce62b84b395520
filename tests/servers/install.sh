#!/usr/bin/env bash
# Installs every real server the tests can use. What cannot be installed is said and left out: the tests that need it are then
# reported as skipped, with the reason.
set -uo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/common.sh"

# Two runs on one machine take turns.
if have flock; then
    exec 9> "$cache/install.lock"
    flock 9
fi

failed=0
for part in debian trixie postgresql garnet pwsh azurite; do
    bash "$here/$part.sh" 9>&- || { say "$part is incomplete"; failed=1; }
done
exit "$failed"
