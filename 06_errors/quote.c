/*
 * quote.c: see quote.h.
 */
#include "quote.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

/* Special to a shell; and ':', which follows the name in a message. */
#define SPECIAL " !\"$&'()*:;<=>?[\\^`|"
/* With one of these in a name, GNU's programs do not use double quotes. */
#define NOT_IN_DOUBLE_QUOTES "!\"$&()*;<=>?[\\^`{|}"

/* The length of the printable character at p; 0: there is none. */
static size_t printable(const char *p)
{
    wchar_t wide;
    mbstate_t state = {0};
    size_t most = strnlen(p, MB_LEN_MAX);
    size_t length = mbrtowc(&wide, p, most, &state);
    return length <= most && iswprint((wint_t)wide) != 0 ? length : 0;
}

static bool all_printable(const char *name)
{
    size_t length = 1;
    for (; *name != '\0' && length > 0; name += length)
        length = printable(name);
    return length > 0;
}

static bool is_plain(const char *name)
{
    return *name != '\0' && strpbrk(name, SPECIAL) == NULL &&
           strchr("#~", *name) == NULL && strcmp(name, "{") != 0 &&
           strcmp(name, "}") != 0 && all_printable(name);
}

static bool fits_double_quotes(const char *name)
{
    return strchr(name, '\'') != NULL && strpbrk(name, NOT_IN_DOUBLE_QUOTES) == NULL &&
           strpbrk(name + 1, "#~") == NULL && all_printable(name);
}

static void print_escape(unsigned char byte, FILE *stream)
{
    static const char letters[] = "\aa\bb\tt\nn\vv\ff\rr";
    for (const char *letter = letters; *letter != '\0'; letter += 2) {
        if (byte == (unsigned char)*letter) {
            fprintf(stream, "\\%c", letter[1]);
            return;
        }
    }
    fprintf(stream, "\\%03o", byte);
}

/* '...', closed for an apostrophe, \', and for escapes, $'...'. */
static void print_apostrophed(const char *name, FILE *stream)
{
    bool in_escape = false;
    size_t length;
    fputc('\'', stream);
    for (; *name != '\0'; name += length > 0 ? length : 1) {
        length = printable(name);
        bool escape = length == 0;
        if (escape && !in_escape)
            fputs("'$'", stream);
        else if (*name == '\'')
            fputs("'\\'", stream);
        else if (!escape && in_escape)
            fputs("''", stream);
        in_escape = escape;
        if (escape)
            print_escape((unsigned char)*name, stream);
        else
            fwrite(name, 1, length, stream);
    }
    fputc('\'', stream);
}

void print_quoted(const char *name, FILE *stream)
{
    if (is_plain(name))
        fputs(name, stream);
    else if (fits_double_quotes(name))
        fprintf(stream, "\"%s\"", name);
    else
        print_apostrophed(name, stream);
}
