# to_csv.awk: the grades of one tree in a line. A verdict FAILED comes with its hint.
function quote(text) {
    gsub(/"/, "\"\"", text)
    return "\"" text "\""
}
{
    score += $4 == "PASSED"
    cells = cells "," quote($4 == "FAILED" ? $4 " " $5 : $4)
}
END { print quote(tree) "," score + 0 "," NR cells }
