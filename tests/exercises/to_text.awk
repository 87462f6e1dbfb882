# to_text.awk: grades for people. Ends with 1 unless all have passed, with 2 if one was not judged;
# with Autolab's line, always with 0, since that line is the grade.
{
    passed = $4 == "PASSED"
    checks = $7 > 0 ? $6 "/" $7 : ""
    printf "%s  %-12s %-14s %-5s %s\n", $1, $4, $3, checks, passed || $5 == "-" ? "" : $5
    score += passed
    missing += $4 == "NOT JUDGED"
    part = passed ? 1 : $7 > 0 && $4 == "FAILED" ? $6 / $7 : 0
    points += $9 * part
    most += $9
    scores = scores (NR > 1 ? ", " : "") sprintf("\"%s\": %.6g", $3, $9 * part)
}
END {
    printf "Points: %.6g of %.6g, with parts for checks that passed\n", points, most
    if (missing)
        printf "NOT JUDGED: %d\n", missing
    printf "Score: %d/%d\n", score, NR
    if (autolab)
        printf "{\"scores\": {%s}}\n", scores
    exit autolab ? 0 : missing ? 2 : score < NR
}
