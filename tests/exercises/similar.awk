# similar.awk: of each file of C, how much is in each other one: lines of "FILE PERCENT FILE", from
# PERCENT on. It compares runs of twelve tokens; names, numbers and strings all count as the same,
# comments and spaces as nothing.

BEGIN {
    split("auto break case char const continue default do double else enum extern float for goto " \
        "if int long register return short signed sizeof static struct switch typedef union " \
        "unsigned void volatile while", words, " ")
    for (i in words) keyword[words[i]]
    length_of_run = 12
}

{ text[FILENAME] = text[FILENAME] $0 "\n" }

END {
    for (file in text) find_runs(file, text[file])
    for (one in text)
        for (other in text)
            if (one != other && (share = percent(one, other)) >= PERCENT)
                print one, share, other
}

function find_runs(file, code,    count, token, i, run) {
    gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, " ", code)
    gsub(/\/\/[^\n]*/, " ", code)
    gsub(/"([^"\\\n]|\\.)*"/, " 0 ", code)
    gsub(/[^A-Za-z_0-9 \t\n]/, " & ", code)
    sub(/^[ \t\n]+/, "", code)
    sub(/[ \t\n]+$/, "", code)
    count = split(code, token, /[ \t\n]+/)
    for (i = 1; i <= count; i++) {
        if (token[i] ~ /^[0-9]/) token[i] = "0"
        else if (token[i] ~ /^[A-Za-z_]/ && !(token[i] in keyword)) token[i] = "x"
    }
    for (i = 1; i + length_of_run - 1 <= count; i++) {
        run = run_at(token, i)
        has[file, run]
        runs[file] = runs[file] run "\n"
    }
}

function run_at(token, first,    i, run) {
    for (i = 0; i < length_of_run; i++) run = run " " token[first + i]
    return run
}

# How much of one is in the other, in percent; 0 if it is shorter than a run.
function percent(one, other,    count, i, list, common) {
    count = split(runs[one], list, "\n") - 1
    for (i = 1; i <= count; i++) common += ((other, list[i]) in has)
    return count > 0 ? int(100 * common / count) : 0
}
