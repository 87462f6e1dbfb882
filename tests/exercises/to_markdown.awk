# to_markdown.awk: the grades of one student, for the student.
function escape(text) {
    gsub(/[\\`*_<>|#\[\]]/, "\\\\&", text)
    return text
}
{
    passed = $4 == "PASSED"
    score += passed
    part = passed ? 1 : $7 > 0 && $4 == "FAILED" ? $6 / $7 : 0
    points += $9 * part
    most += $9
    table = table sprintf("| %s | %s | %s | %s | %.6g of %.6g |\n", $1, escape($3), $4, \
        $7 > 0 ? $6 " of " $7 : "", $9 * part, $9)
    if (!passed && $11 != "")
        notes = notes "\n## Exercise " $1 + 0 ", " escape($3) ": " $4 "\n\n" escape($11) "\n" \
            ($4 == "NOT JUDGED" ? "\nThis is not the fault of your file.\n" : \
            $10 > 0 ? "\nTo see it again: `make exercise-" $1 " SEED=" $10 "`\n" : "")
}
END {
    printf "# %s\n\n%d of %d exercises passed, %.6g of %.6g points.\n\n", \
        escape(ENVIRON["student"]), score, NR, points, most
    printf "| | exercise | verdict | checks passed | points |\n|---|---|---|---|---|\n%s%s", \
        table, notes
}
