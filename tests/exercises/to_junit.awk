# to_junit.awk: grades as JUnit's XML. What is not started is a failure too, so that nobody takes
# a tree without work for one that passes.
function escape(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    gsub(/"/, "\\&quot;", text)
    gsub(/[\001-\037\177]/, " ", text)
    return text
}
{
    failed += $4 != "PASSED"
    seconds += $8
    cases = cases "  <testcase classname=\"" escape($2) "\" name=\"" escape($1 " " $3) \
        "\" time=\"" $8 + 0 "\""
    if ($4 == "PASSED")
        cases = cases "/>\n"
    else
        cases = cases ">\n    <failure type=\"" escape($5) "\" message=\"" escape($4) "\">" \
            escape($9) "</failure>\n  </testcase>\n"
}
END {
    print "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
    printf "<testsuite name=\"exercises\" tests=\"%d\" failures=\"%d\" errors=\"0\" time=\"%.2f\">\n", \
        NR, failed, seconds
    printf "%s</testsuite>\n", cases
}
