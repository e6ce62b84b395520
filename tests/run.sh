#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test: xunit, then Pester in a real pwsh.
# The last line is the count: "N passed, N failed, N skipped". The exit code is 1 if a test failed or none ran.
set -uo pipefail

usage() {
    cat << 'USAGE'
bash tests/run.sh [--full] [--only NAME] [--no-install] [--configuration NAME]

  --full            run the exhaustive fault cases too (hours, not minutes)
  --only NAME       only the test projects whose name contains NAME, or else the tests whose full name or category does
  --no-install      use the servers that are there; install none
  --configuration   Debug or Release (default Release)

STATEFULDEPLOY_PWSH    the pwsh to run Pester with (default: the one on PATH, else one that is installed in the cache)
STATEFULDEPLOY_CACHE   where the servers of other releases are kept (default ~/.cache/statefuldeploy)
USAGE
}

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root" || exit 1

full=0 only="" install=1 configuration=Release
while [ $# -gt 0 ]; do
    case "$1" in
        --full) full=1 ;;
        --only) only="${2:?--only needs a name}"; shift ;;
        --no-install) install=0 ;;
        --configuration) configuration="${2:?--configuration needs a name}"; shift ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
export PATH="$PATH:/usr/sbin:/sbin"
export STATEFULDEPLOY_CACHE="${STATEFULDEPLOY_CACHE:-${HOME:?}/.cache/statefuldeploy}"
[ "$full" = 0 ] || export STATEFULDEPLOY_FULL=1

# One project that hangs ends within this many seconds, one test within the next; the others still run, until all had their time.
project_limit=2400 test_limit=300 total_limit=3600
[ "$full" = 0 ] || project_limit=14400 test_limit=1800 total_limit=86400

results="$root/TestResults"
rm -rf "$results"
mkdir -p "$results"
passed=0 failed=0 skipped=0
touch "$results/failures" "$results/flaky" "$results/other-failures"

say() { printf '\n== %s\n' "$*"; }
# Failures that are no test's are told at the end too, among those that are.
fail() { printf '%s\n' "$*" | tee -a "$results/other-failures"; failed=$((failed + 1)); }
count() { passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3)); }

# Every process that a test starts inherits this mark, also one that made a session of its own, and nothing else has it. A Redis writes its title
# over it, but works below the tests' folder.
mark="STATEFULDEPLOY_TEST_RUN=$$-$RANDOM$RANDOM"
scratch="$(mktemp -d "${TMPDIR:-/tmp}/sd.XXXXXX")"

marked() {
    local environment
    for environment in /proc/[0-9]*/environ; do
        case "$(readlink "${environment%environ}cwd")" in
            "$scratch"/*) true ;;
            *) tr '\0' '\n' 2> /dev/null < "$environment" | grep -qxF "$mark" ;;
        esac && basename "$(dirname "$environment")"
    done 2> /dev/null
}

sweep() {
    local pid
    for pid in $(marked); do
        printf 'left running by %s, ended now: %s %s\n' "$1" "$pid" "$(tr '\0' ' ' 2> /dev/null < "/proc/$pid/cmdline" | cut -c 1-120)"
        kill -CONT "$pid" 2> /dev/null
        kill -KILL "$pid" 2> /dev/null
    done
}

child=""
leave() {
    [ -z "$child" ] || kill "$child" 2> /dev/null
    sweep "the run" > /dev/null
    rm -rf -- "$scratch"
}
trap leave EXIT
trap 'exit 130' INT TERM

# within SECONDS COMMAND…: the command, its mark and its end. It is waited for in the background: bash hears a signal only there.
within() {
    local limit="$1" left=$((total_limit - SECONDS)) code=0
    shift
    [ "$left" -gt 0 ] || { echo "no time is left of the $total_limit s for all tests"; return 124; }
    env "$mark" TMPDIR="$scratch" timeout --kill-after=15 "$((limit < left ? limit : left))" "$@" &
    child=$!
    wait "$child" || code=$?
    child=""
    return "$code"
}

# trx FILE ATTRIBUTE: a number of the file's summary.
trx() { grep -o '<Counters [^>]*>' "$1" | grep -o " $2=\"[0-9]*\"" | tr -dc '0-9'; }

# Skipped tests by name and reason.
trx_skips() {
    awk '
        function plain(text) { gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text); gsub(/&#x?[0-9A-Fa-f]+;/, " ", text); gsub(/&amp;/, "\\&", text); return text }
        /<UnitTestResult / { name = ""; if (/outcome="NotExecuted"/ && match($0, /testName="[^"]*"/)) name = substr($0, RSTART + 10, RLENGTH - 11) }
        name != "" && match($0, /<Message>.*/) { reason = substr($0, RSTART + 9); sub(/<\/Message>.*/, "", reason); print "  skipped: " plain(name) ": " plain(reason); name = "" }
    ' "$1"
}

# Failed tests of a result file, a line each: method, name with arguments, and the beginning of what it said, set apart by tabs.
trx_failures() {
    awk '
        function plain(text) { gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text); gsub(/&#x?[0-9A-Fa-f]+;/, " ", text); gsub(/\t/, " ", text); gsub(/&amp;/, "\\&", text); return text }
        function value(key) { return match($0, " " key "=\"[^\"]*\"") ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 4) : "" }
        NR == FNR { if (/<UnitTest /) display = value("name"); if (/<TestMethod /) method[display] = value("className") "." value("name"); next }
        /<UnitTestResult / { name = /outcome="Failed"/ ? value("testName") : "" }
        name != "" && /<Message>/ { text = ""; inside = 1; sub(/.*<Message>/, "") }
        inside { end = index($0, "</Message>"); text = text " " (end ? substr($0, 1, end - 1) : $0); if (end) { print method[name] "\t" plain(name) "\t" substr(plain(text), 2, 600); inside = 0; name = "" } }
    ' "$1" "$1"
}

# The tests that a crash or the time limit ended, from the runner's own record of what it began.
unfinished() { cat "$results"/*/Sequence_*.xml 2> /dev/null | sed -n 's/.*DisplayName="\([^"]*\)".*Completed="False".*/\1/p' | sort -u | tr '\n' ' '; }

# quarantined NAME: a filter without the tests that tests/quarantine.tsv sets aside, each told by name and reason on the error output.
quarantined() {
    local name="$1" project pattern reason terms=""
    while IFS=$'\t' read -r project pattern reason; do
        if [ "$project" = "$name" ]; then
            echo "skipped: $name $pattern: $reason" >&2
            terms="${terms:+$terms&}FullyQualifiedName!~$pattern&DisplayName!~$pattern"
        fi
    done < tests/quarantine.tsv
    printf %s "$terms"
}

# run_project NAME [FILTER]
run_project() {
    local name="$1" dll="tests/$1/bin/$configuration/net10.0/$1.dll" file="$results/$1.trx" code=0
    say "$name"
    if [ ! -f "$dll" ]; then
        fail "$name was not built"
        return
    fi
    within "$project_limit" dotnet test "$dll" ${2:+--filter "$2"} --results-directory "$results" --logger "trx;LogFileName=$name.trx" \
        --logger "console;verbosity=minimal" --blame-hang-timeout "${test_limit}s" --blame-hang-dump-type none || code=$?
    if [ -f "$file" ]; then
        local total executed ok bad
        total="$(trx "$file" total)" executed="$(trx "$file" executed)" ok="$(trx "$file" passed)"
        bad=$((executed - ok))
        count "$ok" "$bad" $((total - executed))
        trx_skips "$file"
        trx_failures "$file" | sed "s/^/$name	/" >> "$results/failures"
        if grep -q 'test run was aborted' "$file"; then
            fail "$name was aborted in: $(unfinished)"
        elif [ "$code" != 0 ] && [ "$bad" = 0 ]; then
            fail "$name ended with $code although no test failed"
        fi
    elif [ "$code" != 0 ]; then
        fail "$name ended with $code and left no result (124 and 137 mean that its time was up)"
    fi
    sweep "$name"
    # A hang leaves a dump of hundreds of megabytes, whatever dump was asked for.
    find "$results" -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +
}

# A test that failed for want of time on a busy machine is run once more, by itself, when all others are done, and told by name if it passes
# then. What a test says of data or of a client's errors stands at once, and so does everything when more than a few tests failed.
second_chances=5
second_chance() {
    local name method display text again=() line
    while IFS=$'\t' read -r name method display text; do
        grep -qiE 'acknowledged|acked [0-9]|lost|duplicat|doubled|failed (reads|writes)|invariant' <<< "$text" || again+=("$name	$method")
    done < "$results/failures"
    [ "${#again[@]}" -gt 0 ] && [ "${#again[@]}" -le "$second_chances" ] || return 0
    while IFS=$'\t' read -r name method; do
        say "once more: $method"
        within "$test_limit" dotnet test "tests/$name/bin/$configuration/net10.0/$name.dll" --filter "FullyQualifiedName=$method" \
            --results-directory "$results" --logger "trx;LogFileName=again.trx" --logger "console;verbosity=minimal" || { sweep "$method"; continue; }
        sweep "$method"
        [ "$(trx "$results/again.trx" passed)" -gt 0 ] 2> /dev/null || continue
        line="$(grep -cF "$name	$method	" "$results/failures")"
        count "$line" "-$line" 0
        grep -F "$name	$method	" "$results/failures" >> "$results/flaky"
        grep -vF "$name	$method	" "$results/failures" > "$results/rest"
        mv "$results/rest" "$results/failures"
    done < <(printf '%s\n' "${again[@]}" | sort -u)
}

# tell TITLE FILE: failures, at the end, where whoever reads only the end finds them.
tell() {
    [ -s "$2" ] || return 0
    say "$1"
    awk -F '\t' 'NF < 4 { print "  " $0; next } { print "  " $3; print "      " $4 }' "$2"
}

build() {
    say "build"
    dotnet build Cmdlets.sln -c "$configuration" -v quiet -nologo -m:2 -nodeReuse:false && return
    # What does build is still tested; what does not is a failure.
    local project
    for project in tests/*.Tests; do
        dotnet build "$project" -c "$configuration" -v quiet -nologo -nodeReuse:false > /dev/null 2>&1 || rm -rf "$project/bin/$configuration"
    done
    fail "the solution does not build"
}

pester_names() {
    awk -v file="$(basename "$1")" 'match($0, /^[[:space:]]*It[[:space:]]+(-Name[[:space:]]+)?["\047]/) {
        quote = substr($0, RSTART + RLENGTH - 1, 1); text = substr($0, RSTART + RLENGTH); end = index(text, quote)
        if (end > 0) text = substr(text, 1, end - 1)
        print file ": " text
    }' "$1"
}

# Each Pester test by name, with why it did not run.
skip_pester() {
    local file name
    for file in tests/Pester/*.Tests.ps1; do
        while IFS= read -r name; do
            echo "  skipped: $name: $1"
            count 0 0 1
        done < <(pester_names "$file")
    done
}

run_pester() {
    compgen -G 'tests/Pester/*.Tests.ps1' > /dev/null || return 0
    say "Pester"
    local pwsh="${STATEFULDEPLOY_PWSH:-$(command -v pwsh)}" line code=0
    [ -n "$pwsh" ] || { skip_pester "no pwsh was found (STATEFULDEPLOY_PWSH, PATH, the cache)"; return; }
    [ -x "$pwsh" ] || { skip_pester "$pwsh cannot be run"; return; }
    "$pwsh" -NoProfile -NonInteractive -Command 'exit [int](-not (Get-Module -ListAvailable Pester | Where-Object { $_.Version.Major -ge 5 }))' ||
        { skip_pester "no Pester 5 in the PSModulePath of $pwsh"; return; }
    within "$project_limit" "$pwsh" -NoProfile -NonInteractive -File tests/pester.ps1 -Result "$results/Pester.txt" -Only "$1" || code=$?
    if line="$(cat "$results/Pester.txt" 2> /dev/null)"; then
        count $line
    else
        fail "Pester ended with $code and left no result"
    fi
    sed 's/^/Pester: /' "$results/Pester.txt.failures" >> "$results/other-failures" 2> /dev/null
    sweep Pester
}

if [ "$install" = 1 ]; then
    say "servers"
    bash tests/servers/install.sh || echo "not every server could be installed: the tests that need the others are skipped, with the reason"
fi

# A machine without a PowerShell of its own takes the one that was installed for the tests.
cached="$STATEFULDEPLOY_CACHE/servers/pwsh"
if [ -z "${STATEFULDEPLOY_PWSH:-}" ] && ! command -v pwsh > /dev/null && [ -x "$cached/pwsh" ]; then
    export STATEFULDEPLOY_PWSH="$cached/pwsh" PSModulePath="$cached/Modules${PSModulePath:+:$PSModulePath}"
fi

build

projects="$(for project in tests/*.Tests; do basename "$project"; done)"
chosen="$projects" filter="" pester_only=""
if [ -n "$only" ]; then
    chosen="$(printf '%s\n' "$projects" | grep -iF -- "$only")"
    if [ -z "$chosen" ] && ! printf Pester | grep -qiF -- "$only"; then
        chosen="$projects" filter="FullyQualifiedName~$only|Category~$only" pester_only="$only"
    fi
fi

for project in $chosen; do
    without=""
    if [ -z "${STATEFULDEPLOY_FULL:-}" ]; then
        without="$(quarantined "$project")"
        count 0 0 "$(grep -c "^$project	" tests/quarantine.tsv || true)"
    fi
    run_project "$project" "${filter:+($filter)${without:+&}}$without"
done
if [ -z "$only" ] || [ -n "$pester_only" ] || printf Pester | grep -qiF -- "$only"; then run_pester "$pester_only"; fi

second_chance
tell "passed only the second time, alone" "$results/flaky"
tell "failed" "$results/failures"
tell "failed beside the tests of xunit" "$results/other-failures"

ran=$((passed + failed))
printf '\n%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ] && [ "$ran" -gt 0 ]
