# workflow_steps.awk: the commands of the steps of GitHub workflows, for shellcheck.

function indent(line) { match(line, /^ */); return RLENGTH }

function end_step() {
    if (step != "") print step
    step = ""
    inside = 0
}

inside && (/^ *$/ || indent($0) > column) {
    sub(/^ +/, "")
    step = step (step == "" ? "" : folded ? " " : "\n") $0
    next
}
inside { end_step() }

/^ *(- )?run: / {
    column = indent($0)
    sub(/^ *(- )?run: /, "")
    inside = /^[|>]-?$/
    folded = /^>/
    if (!inside) print
}

END { end_step() }
