# blocks.awk: take a README apart: each fenced block becomes a file of its own.
#
#     awk -v dir=DIRECTORY -f blocks.awk README.md
#
# writes DIRECTORY/NN.LANGUAGE (a block without a language: NN.plain), and to
# DIRECTORY/NN.note what an HTML comment right above the block says.

/^<!-- .* -->$/ && !inside {
    note = substr($0, 6, length($0) - 9)
    next
}
/^```/ && !inside {
    inside = 1
    language = substr($0, 4)
    if (language == "") language = "plain"
    base = sprintf("%s/%02d", dir, ++count)
    file = base "." language
    printf "" >file
    if (note != "") print note >(base ".note")
    note = ""
    next
}
/^```$/ && inside {
    inside = 0
    close(file)
    next
}
inside { print >file }
/./ && !inside { note = "" }

END {
    if (inside) {
        print "a block is not closed" >"/dev/stderr"
        exit 1
    }
}
