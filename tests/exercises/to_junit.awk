# to_junit.awk: grades as JUnit's XML. What is not started is a failure, too, so that a tree without
# work is not taken for one that passes; what could not be judged is an error. All that comes in is
# printable ASCII.
function escape(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    gsub(/"/, "\\&quot;", text)
    gsub(/[^ -~]/, "?", text)
    return text
}
{
    kind = $4 == "NOT JUDGED" ? "error" : "failure"
    failed += $4 != "PASSED" && kind == "failure"
    errors += kind == "error"
    seconds += $8
    cases = cases "  <testcase classname=\"" escape($2) "\" name=\"" escape($1 " " $3) \
        "\" time=\"" $8 + 0 "\""
    if ($4 == "PASSED")
        cases = cases "/>\n"
    else
        cases = cases ">\n    <" kind " type=\"" escape($5) "\" message=\"" escape($4) "\">" \
            escape($11) "</" kind ">\n  </testcase>\n"
}
END {
    print "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
    printf "<testsuite name=\"exercises\" tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"0\" time=\"%.2f\">\n", \
        NR, failed, errors, seconds
    printf "%s</testsuite>\n", cases
}
