#!/usr/bin/env bats
# The page of the tests names what there is.

load helpers
load text/text

page=tests/README.md

@test "tests/README.md: every target, file and link that it names exists" {
    targets_exist "$page"
    files_exist "$page"
    links_lead_somewhere "$page"
}

@test "tests/README.md: every folder has its sentence, every check its question" {
    for folder in tests/*/; do
        folder=${folder#tests/} folder=${folder%/}
        grep -q "^- \[$folder\]($folder) " "$page" || {
            echo "no sentence for $folder"
            return 1
        }
    done
    # The ones under sanitizers or load belong to the check they repeat.
    for check in $(env -u MAKEFLAGS make -s list-checks); do
        [ "$check" != -- ] || continue
        grep -qE "(make |\`| )${check%-asan}($|[^a-z-])" "$page" || {
            [[ $check == *-busy || $check == *-asan ]] || {
                echo "no question for $check"
                return 1
            }
        }
    done
}
