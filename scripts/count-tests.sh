#!/usr/bin/env bash
# count-tests.sh LOG: adds up what the runners say in the log of test.sh and ends with one line, `N passed, N failed, N skipped`.
# Exits 1 when something failed or nothing was tested.
#
# A test that cannot have what a part of it needs prints `SKIP <test>: <reason>`. libtest calls such a test passed; here it is skipped.
# A part that ends badly with no failed test of its own (it did not compile, a lint) is one failure.
set -euo pipefail

sed -E 's/\x1b\[[0-9;?]*[A-Za-z]//g; s/\r$//' "${1:?usage: count-tests.sh LOG}" | awk '
  function reason(line) { if (!(line in seen)) { seen[line] = 1; reasons[++nreasons] = line } }
  function close_libtest() { showing = 0; test = ""; delete moved; nmoved = 0 }
  # The number before a word: "3 passed; 1 failed" has 3 before "passed".
  function before(word,   i) { for (i = 2; i <= NF; i++) if ($i ~ "^" word "[;,.]?$") return $(i - 1) + 0; return 0 }

  /^== [a-z-]+$/ { part = $2; part_failed = 0; browser = 0; close_libtest(); next }
  /^== [a-z-]+ ended: [0-9]+/ {
    rc = $4 + 0
    if (rc != 0 && part_failed == 0) { failed++; broken[++nbroken] = $2 " ended with " rc " and no failed test: it did not get that far" }
    part = ""; browser = 0; close_libtest(); next
  }

  # libtest, also as wasm-bindgen-test-runner prints it.
  /^test result: / {
    p = before("passed"); f = before("failed"); i = before("ignored")
    if (nmoved > p) nmoved = p
    passed += p - nmoved; failed += f; skipped += i + nmoved; part_failed += f
    close_libtest(); next
  }
  /^running [0-9]+ tests?$/ { close_libtest(); next }
  /^successes:$/ { showing = 1; test = ""; next }
  /^failures:$/ { showing = 2; test = ""; next }
  showing && /^---- .* std(out|err) ----$/ { test = $0; next }
  /^test .* \.\.\. ignored/ {
    line = $0; sub(/^test /, "", line)
    if (sub(/ \.\.\. ignored, /, ": ", line) == 0) sub(/ \.\.\. ignored.*/, ": ignored", line)
    reason("SKIP " line); next
  }

  # Playwright.
  /^Running [0-9]+ tests? using [0-9]+ workers?/ { browser = 1; next }
  browser && /^ +[0-9]+ passed( \(.*\))?$/ { passed += $1; next }
  browser && /^ +[0-9]+ (failed|flaky|interrupted)$/ { failed += $1; part_failed += $1; next }
  browser && /^ +[0-9]+ did not run$/ { failed += $1; part_failed += $1; next }
  browser && /^ +[0-9]+ skipped$/ { skipped += $1; next }

  # schemathesis: one test for each operation; it does not say how many of them failed, so one failure is one.
  part == "schemathesis" && /^  Tested: [0-9]+$/ { tested = $2 }
  part == "schemathesis" && /^=+ (No issues found|[0-9]+ (failures?|errors?|warnings?)).* in [0-9.]+s =+$/ {
    if ($0 ~ /failure|error/) { failed += $2; part_failed += $2 }
    else passed += tested
    next
  }

  /^SKIP .+: / {
    reason($0)
    # Playwright counts its own; a runner that is left out as a whole is one skip.
    if (browser) next
    if (test == "") { if (!($0 in alone)) { alone[$0] = 1; skipped++ } }
    else if (showing == 1 && !(test in moved)) { moved[test] = 1; nmoved++ }
  }

  END {
    for (i = 1; i <= nreasons; i++) print reasons[i]
    for (i = 1; i <= nbroken; i++) print "FAILED " broken[i]
    if (passed + failed == 0) print "no test ran"
    printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
    exit (failed > 0 || passed == 0) ? 1 : 0
  }
'
