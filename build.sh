#!/bin/bash
# Builds, tests and runs the module on a machine without PowerShell. It requires the .NET SDK, and Debian for tests and demo.
#
#   ./build.sh build               the module, into out/Containerd
#   ./build.sh test [FILTER...]    builds and runs all tests; with filters, only the test classes whose names contain one of them
#   ./build.sh demo                a demo: a private containerd, an image, a container, an exec and a log
#   ./build.sh bench [ARGS]        the benchmarks
#   ./build.sh package             the module and the libraries as packages, into out/packages
#   ./build.sh run SCRIPT [ARGS]   runs a script with the built module importable
#   ./build.sh new-cmdlet VERB NOUN  writes the files of a new cmdlet, VERB-CtrNOUN
#   ./build.sh clean               removes what was built
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

# Runs dotnet and shows its output only if it fails; otherwise it shows only warnings.
quietly() {
  local log
  log=$(mktemp)
  if dotnet "$@" > "$log" 2>&1; then
    sed -n 's/^ *note: //p' "$log" >&2
    rm -f "$log"
  else
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
}

build() {
  echo "Building the module …"
  quietly publish "$root/src/Containerd.PowerShell" -c Release
}

package() {
  echo "Making the packages …"
  rm -rf "$root/out/packages"
  quietly pack "$root/src/Containerd.PowerShell" -c Release
  quietly pack "$root/src/Containerd.Client" -c Release
  # The client was built with the libraries that it uses.
  local library
  for library in Containerd Containerd.Host Containerd.Oci; do
    quietly pack "$root/src/$library" -c Release --no-build
  done
}

program() {
  echo "$root/tests/$1/bin/Release/net10.0/$1"
}

run_script() {
  # What goes into a file or a log is plain text.
  [ -t 1 ] || export NO_COLOR=1
  if command -v pwsh > /dev/null; then
    PSModulePath="$root/out${PSModulePath:+:$PSModulePath}" exec pwsh -NoProfile -File "$@"
  fi
  [ -x "$(program Containerd.EngineHost)" ] || quietly build "$root/tests/Containerd.EngineHost" -c Release
  exec "$(program Containerd.EngineHost)" "$@"
}

# The sum of one attribute of the <assembly> elements of a report.
total() {
  { grep -o "<assembly [^>]*" "$1" || true; } | { grep -o " $2=\"[0-9]*\"" || true; } | tr -dc '0-9\n' | awk '{ sum += $1 } END { print sum + 0 }'
}

passed=0 failed=0 skipped=0

count() {
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

# Runs one xunit project; a runner that exits without a complete report counts as one more failure.
run_suite() {
  local name=$1 report code=0
  shift
  echo "Building $name …"
  if ! quietly build "$root/tests/$name" -c Release; then
    count 0 1 0
    return
  fi
  report=$results/$name.xml
  "$(program "$name")" -noLogo -noColor -result-xml "$report" "$@" || code=$?
  if ! grep -q '</assemblies>' "$report" 2> /dev/null; then
    echo "$name ended with $code and left no report."
    count 0 1 0
    return
  fi
  local bad recovered=0
  bad=$(($(total "$report" failed) + $(total "$report" errors)))
  [ "$code" -eq 0 ] || [ "$bad" -gt 0 ] || { echo "$name ended with $code."; bad=1; }
  [ "$bad" -eq 0 ] || rerun_failed "$name" "$report"
  count $(($(total "$report" passed) + recovered)) $((bad - recovered)) "$(total "$report" skipped)"
}

# The elements of a report that represent one failure each, with the class in type= (a test) or name= (the clean-up of a class).
failures() {
  grep -oE '<test [^>]*result="Fail"[^>]*>|<error type="test-class-cleanup-failure"[^>]*>' "$1" || true
}

# Runs each failed class of a report again on its own. A class that then passes is flaky: it is named, and its failures count as passed (recovered).
# Many failing classes have a common cause that another run does not remove.
rerun_failed() {
  local name=$1 report=$2 again=$results/again.xml class classes failed
  mapfile -t classes < <(failures "$report" | sed -nE 's/^<test .* type="([^"]*)".*/\1/p; s/^<error .* name="([^"]*)".*/\1/p' | sort -u)
  if [ ${#classes[@]} -gt 5 ]; then
    echo "${#classes[@]} classes of $name failed; none is run again."
    return
  fi
  for class in "${classes[@]}"; do
    echo "Running $class once more by itself …"
    rm -f "$again"
    "$(program "$name")" -noLogo -noColor -result-xml "$again" -class "$class" || continue
    [ "$(total "$again" passed)" -gt 0 ] || continue
    failed=$(failures "$report" | grep -F -e " type=\"$class\"" -e " name=\"$class\"")
    sed -nE 's/^<[a-z]+ .*name="([^"]*)".*/Flaky: \1 failed, and passed by itself./p' <<< "$failed" >> "$results/flaky"
    recovered=$((recovered + $(wc -l <<< "$failed")))
  done
}

# PowerShell and Pester: those of the machine, or else from NuGet. Without them, the tests host the engine and report what they skip.
find_pwsh() {
  if ! command -v pwsh > /dev/null && [ "$(uname -m)" = x86_64 ]; then
    echo "Fetching PowerShell and Pester …"
    if quietly msbuild "$root/tests/Pwsh" -restore -t:LayOut; then
      PATH=$root/out/pwsh:$PATH
    else
      echo "They are not to be had; the tests go on without."
    fi
  fi
}

run_pester() {
  local report=$results/Pester.txt code=0
  if [ -z "$(find "$root/tests" -name '*.Tests.ps1' -print -quit)" ]; then
    return
  fi
  if ! command -v pwsh > /dev/null; then
    echo "The acceptance suite (Pester) was not run: this machine has no pwsh."
    return
  fi
  [ -t 1 ] || local -x NO_COLOR=1
  pwsh -NoProfile -File "$root/tests/Acceptance/Invoke-Acceptance.ps1" -ReportPath "$report" -FlakyPath "$results/flaky" || code=$?
  if [ -s "$report" ]; then
    # shellcheck disable=SC2046
    count $(cat "$report")
  else
    echo "Pester ended with $code and left no report."
    count 0 1 0
  fi
}

# One format for all sources. The style rules need no run of their own: the analyzers are part of each build, where a warning is an error.
check_format() {
  echo "Checking the format …"
  local log=$results/format
  if ! (cd "$root" && dotnet tool restore && dotnet csharpier check .) > "$log" 2>&1; then
    # The first file that differs; without one the tool itself failed.
    grep -m 1 '^Error ' "$log" >&2 || cat "$log" >&2
    echo "Run 'dotnet tool restore' and then 'dotnet csharpier format .', which formats all sources." >&2
    count 0 1 0
  fi
}

run_tests() {
  local filter=() word
  for word in "$@"; do filter+=(-class "*$word*"); done
  results=$(mktemp -d)
  trap 'rm -rf "$results"' EXIT
  [ $# -gt 0 ] || check_format
  "$root/tests/fixture/install.sh" || count 0 1 0
  find_pwsh
  if build && package; then
    for project in "$root"/tests/*.Tests/*.csproj; do
      run_suite "$(basename "$project" .csproj)" ${filter[@]+"${filter[@]}"}
    done
    [ $# -gt 0 ] || run_pester
  else
    count 0 1 0
  fi
  cat "$results/flaky" 2> /dev/null || true
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  build) build ;;
  test) run_tests "$@" ;;
  demo)
    "$root/tests/fixture/install.sh" demo
    build
    run_script "$root/docs/demo.ps1"
    ;;
  bench)
    build
    PSModulePath="$root/out${PSModulePath:+:$PSModulePath}" exec dotnet run --project "$root/bench" -c Release -- "$@"
    ;;
  package)
    package
    ls "$root/out/packages"
    ;;
  run)
    [ $# -gt 0 ] || { echo "usage: ./build.sh run SCRIPT [ARGS]" >&2; exit 2; }
    [ -e "$root/out/Containerd/Containerd.psd1" ] || build >&2
    run_script "$@"
    ;;
  new-cmdlet) dotnet run --project "$root/src/Tools/Containerd.Scaffold" -c Release -- "$root" "$@" ;;
  clean)
    rm -rf "$root/out" "$root/bench/bin" "$root/bench/obj"
    for project in "$root"/src/*/ "$root"/src/Tools/*/ "$root"/tests/*/ "$root"/bench/*/; do rm -rf "$project/bin" "$project/obj"; done
    ;;
  *)
    sed -n '2,/^set /{s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
