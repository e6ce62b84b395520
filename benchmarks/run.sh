#!/usr/bin/env bash
# Measures everything that is claimed about speed, ours and the peers side by side: bash benchmarks/run.sh [NAME…] [options].
# `bash benchmarks/run.sh document docs/performance.md` writes the newest figures into the page.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ "${1:-}" = document ] || [ "${1:-}" = list ] || bash tests/servers/install.sh || echo "not every server could be installed: what needs the others is not run" >&2
project=benchmarks/StatefulDeploy.Benchmarks
dotnet build "$project" -c Release -v quiet -nologo -nodeReuse:false -clp:ErrorsOnly >&2
exec dotnet "$project/bin/Release/net10.0/StatefulDeploy.Benchmarks.dll" "$@"
