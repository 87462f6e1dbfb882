# contrast.awk: fail if a picture has a colour that is hard to see on white or on a dark page.

function hex(digits,    i, value) {
    for (i = 1; i <= length(digits); i++)
        value = 16 * value + index("0123456789abcdef", tolower(substr(digits, i, 1))) - 1
    return value
}

# Contrast as defined by the Web Content Accessibility Guidelines.
function light(level) {
    level /= 255
    return level <= 0.04045 ? level / 12.92 : exp(2.4 * log((level + 0.055) / 1.055))
}

function luminance(red, green, blue) {
    return 0.2126 * light(red) + 0.7152 * light(green) + 0.0722 * light(blue)
}

function check(red, green, blue,    here, dark) {
    if (red == 255 && green == 255 && blue == 255) return
    seen++
    here = luminance(red, green, blue) + 0.05
    dark = luminance(13, 17, 23) + 0.05
    if (1.05 / here < 3 || here / dark < 3) {
        printf "contrast: rgb(%d,%d,%d): %.1f on white, %.1f on dark\n", red, green, blue, 1.05 / here, here / dark
        bad = 1
    }
}

{
    rest = $0
    while (match(rest, /rgb\( *[0-9]+, *[0-9]+, *[0-9]+ *\)/)) {
        split(substr(rest, RSTART + 4, RLENGTH - 5), part, ",")
        check(part[1] + 0, part[2] + 0, part[3] + 0)
        rest = substr(rest, RSTART + RLENGTH)
    }
    rest = $0
    while (match(rest, /["':]#[0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F]/)) {
        check(hex(substr(rest, RSTART + 2, 2)), hex(substr(rest, RSTART + 4, 2)), hex(substr(rest, RSTART + 6, 2)))
        rest = substr(rest, RSTART + RLENGTH)
    }
}

END {
    if (!seen) print "contrast: no colours at all"
    exit bad || !seen
}
