# to_json.awk: grades as Gradescope reads them (results.json); what is ours is in extra_data.
function quote(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    gsub(/[\001-\037\177]/, " ", text)
    return "\"" text "\""
}
{
    passed = $4 == "PASSED"
    score += passed
    seconds += $8
    tests = tests (NR > 1 ? ",\n" : "") "    {\"number\": \"" $1 "\", \"name\": " quote($3) \
        ", \"score\": " passed ", \"max_score\": 1, \"status\": \"" \
        (passed ? "passed" : "failed") "\", \"output\": " quote($4 ($9 != "" ? ": " $9 : "")) \
        ",\n     \"extra_data\": {\"chapter\": " quote($2) ", \"verdict\": " quote($4) \
        ", \"hint\": " quote($5) ", \"checks_passed\": " $6 + 0 ", \"checks\": " $7 + 0 \
        ", \"seconds\": " $8 + 0 "}}"
}
END {
    printf "{\n  \"score\": %d,\n  \"execution_time\": %.2f,\n", score, seconds
    printf "  \"extra_data\": {\"max_score\": %d},\n  \"tests\": [\n%s\n  ]\n}\n", NR, tests
}
