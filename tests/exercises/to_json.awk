# to_json.awk: grades as Gradescope reads them (results.json); what is ours is in extra_data. All
# that comes in is printable ASCII.
function quote(text) {
    gsub(/\\/, "&&", text)
    gsub(/"/, "\\\\&", text)
    gsub(/[^ -~]/, "?", text)
    return "\"" text "\""
}
{
    passed = $4 == "PASSED"
    part = passed ? 1 : $7 > 0 && $4 == "FAILED" ? $6 / $7 : 0
    score += $9 * part
    most += $9
    seconds += $8
    output = $4 == "NOT JUDGED" ? "NOT JUDGED, which is not the student's fault" : $4
    tests = tests (NR > 1 ? ",\n" : "") "    {\"number\": \"" $1 "\", \"name\": " quote($3) \
        ", \"score\": " sprintf("%.6g", $9 * part) ", \"max_score\": " sprintf("%.6g", $9) \
        ", \"status\": \"" (passed ? "passed" : "failed") "\", \"output\": " \
        quote(output ($11 != "" ? ": " $11 : "")) ", \"output_format\": \"text\"" \
        ",\n     \"extra_data\": {\"chapter\": " quote($2) ", \"verdict\": " quote($4) \
        ", \"hint\": " quote($5) ", \"checks_passed\": " $6 + 0 ", \"checks\": " $7 + 0 \
        ", \"seconds\": " $8 + 0 ", \"seed\": " $10 + 0 "}}"
}
END {
    printf "{\n  \"score\": %.6g,\n  \"execution_time\": %d,\n", score, seconds
    printf "  \"extra_data\": {\"max_score\": %.6g},\n  \"tests\": [\n%s\n  ]\n}\n", most, tests
}
