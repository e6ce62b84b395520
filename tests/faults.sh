#!/usr/bin/env bash
# Runs fault cases and writes docs/faults.md, docs/faults-postgresql.md and docs/faults-volumes.md from all rows so far: bash tests/faults.sh [WORDS…]
# Without words all of them (an hour and more); else those whose name has one of the words, such as "Fence" or "Green is killed".
# The rows are kept in tests/Upgrade.Tests/obj/fault-rows, so that the table can be made in several runs; --afresh forgets them.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
export PATH="$PATH:/usr/sbin:/sbin" DOTNET_NOLOGO=1 STATEFULDEPLOY_FULL=1
export STATEFULDEPLOY_CACHE="${STATEFULDEPLOY_CACHE:-${HOME:?}/.cache/statefuldeploy}"
export STATEFULDEPLOY_FAULT_ROWS="${STATEFULDEPLOY_FAULT_ROWS:-$PWD/tests/Upgrade.Tests/obj/fault-rows}"
if [ "${1:-}" = --afresh ]; then rm -rf "$STATEFULDEPLOY_FAULT_ROWS"; shift; fi

filter=""
for word in "$@"; do filter="${filter:+$filter|}DisplayName~$word"; done
dotnet build tests/Upgrade.Tests -c Release -v quiet -nologo || exit 1
dotnet test tests/Upgrade.Tests/bin/Release/net10.0/Upgrade.Tests.dll --logger "console;verbosity=normal" \
    --filter "FullyQualifiedName~FaultTests${filter:+&($filter)}"
