# to_text.awk: grades for people. Ends with 1 if not all is passed.
{
    checks = $7 > 0 ? $6 "/" $7 : ""
    printf "%s  %-12s %-14s %-5s %s\n", $1, $4, $3, checks, $4 == "FAILED" ? $5 : ""
    score += $4 == "PASSED"
    scores = scores (NR > 1 ? ", " : "") "\"" $3 "\": " ($4 == "PASSED")
}
END {
    printf "Score: %d/%d\n", score, NR
    if (autolab)
        printf "{\"scores\": {%s}}\n", scores
    exit score < NR
}
