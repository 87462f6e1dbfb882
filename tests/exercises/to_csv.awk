# to_csv.awk: the grades of one tree in a line. A verdict FAILED comes with its hint. The names are
# taken from the environment, where they are not changed: tree, student.
function quote(text) {
    gsub(/"/, "\"\"", text)
    return "\"" text "\""
}
{
    passed = $4 == "PASSED"
    score += passed
    missing += $4 == "NOT JUDGED"
    points += $9 * (passed ? 1 : $7 > 0 && $4 == "FAILED" ? $6 / $7 : 0)
    most += $9
    cells = cells "," quote($4 == "FAILED" ? $4 " " $5 : $4)
}
END {
    printf "%s,%s,%d,%d,%.6g,%.6g,%d%s\n", quote(ENVIRON["tree"]), quote(ENVIRON["student"]), \
        score, NR, points, most, missing, cells
}
