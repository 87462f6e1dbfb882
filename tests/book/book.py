#!/usr/bin/env python3
"""book.py BUILD [epub] [pdf] [html]: the texts, headers and sources of this repository as a
book, in BUILD/book. Nothing is written here: all of it is read from the tree.

Needs pandoc; for the PDF weasyprint. The man pages, if there are any in BUILD/book-man, become pages.
"""

import html
import json
import os
import re
import shutil
import subprocess
import sys

import texts
from tree import CHAPTER, Tree, chapter_of, is_text

HERE = os.path.dirname(os.path.abspath(__file__))
STEPPER = os.path.join(HERE, "stepper")
STEPPER_PAGE = os.path.relpath(os.path.join(STEPPER, "index.html"))
EPUB, PDF = "processes-in-c.epub", "processes-in-c.pdf"
LANGUAGE = {".c": "c", ".h": "c", ".sh": "bash", ".bash": "bash", ".bats": "bash", ".py": "python",
            ".mk": "makefile", ".awk": "awk", ".cpp": "cpp", ".js": "javascript", ".css": "css",
            ".json": "json", ".yml": "yaml", ".html": "html"}


def name_of(path):
    """README.md: index; 03_pool/README.md: 03_pool; 03_pool/pool.h: 03_pool-pool.h"""
    path = re.sub(r"\.md$", "", re.sub(r"(^|/)README\.md$", "", path))
    return re.sub(r"[^\w.-]", "-", path) or "index"


def identifier(path, fragment=""):
    return "p-" + re.sub(r"[^\w-]", "-", name_of(path)) + ("--" + fragment if fragment else "")


def pandoc(blocks, *options):
    tree = {"pandoc-api-version": VERSION, "meta": {}, "blocks": blocks}
    out = subprocess.run(["pandoc", "-f", "json", *options], input=json.dumps(tree),
                         capture_output=True, text=True, check=False)
    if out.returncode != 0 or out.stderr:
        sys.exit(f"pandoc {' '.join(options)}: {out.stderr}")
    return out.stdout


def raw(text):
    return {"t": "RawBlock", "c": ["html", text]}


def header(level, name, text):
    return {"t": "Header", "c": [level, [name, [], []], [{"t": "Str", "c": text}]]}


def code_block(path):
    language = LANGUAGE.get(os.path.splitext(path)[1])
    if os.path.basename(path) == "Makefile":
        language = "makefile"
    with open(path, encoding="utf-8") as file:
        return {"t": "CodeBlock", "c": [["", [language] if language else [], []], file.read()]}


class Book:
    def __init__(self, build):
        self.build = build
        self.out = os.path.join(build, "book")
        self.tree = Tree(build)
        self.texts = [texts.Text(self.tree, path) for path in self.tree.readmes]
        self.title = self.texts[0].title
        self.licence = self.find_licence()
        self.sources, self.pictures = self.find_files()
        self.man = self.find_man()

    def find_licence(self):
        """The front page's sentence about it."""
        for block in self.texts[0].blocks:
            if "CC BY" in texts.plain(block):
                sentences = re.split(r"(?<=\.)\s+(?=[A-Z])", texts.plain(block))
                return " ".join(s for s in sentences if "CC BY" in s or "MIT" in s)
        return sys.exit("book: README.md does not say under which licence the texts are")

    def find_files(self):
        """Sources of the chapters, and what the texts link to."""
        sources, pictures = list(self.tree.sources), []
        for text in self.texts:
            for path in text.linked():
                if path.startswith("MISSING"):
                    sys.exit(f"book: {text.path} links to what is not there: {path[8:]}")
                if path.endswith(".md") or path == STEPPER_PAGE:
                    continue
                if is_text(path):
                    sources.append(path)
                else:
                    pictures.append(path)
        return sorted(set(sources)), sorted(set(pictures))

    def copy_pictures(self, folder):
        """Without a document type: an EPUB must not name one that is elsewhere."""
        os.makedirs(folder, exist_ok=True)
        for path in self.pictures:
            with open(path, "rb") as file:
                picture = file.read()
            if path.endswith(".svg"):
                picture = re.sub(rb"<!DOCTYPE[^>]*>\s*", b"", picture)
            with open(os.path.join(folder, name_of(path)), "wb") as file:
                file.write(picture)

    def find_man(self):
        folder = os.path.join(self.build, "book-man", "man", "man3")
        pages = {}
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                page = file.read()
            if not page.startswith(".so "):
                pages[name[:-2]] = page
        # Headers first, in the order of the chapters.
        order = [os.path.basename(s) for s in self.tree.sources]
        return dict(sorted(pages.items(), key=lambda item: (
            item[0] not in order, order.index(item[0]) if item[0] in order else 0, item[0])))

    def downloads(self):
        return [name for name in (EPUB, PDF) if os.path.isfile(os.path.join(self.out, name))]

    def depth(self, path):
        return 0 if path == "README.md" or CHAPTER.match(os.path.dirname(path)) else 1

    # ---- HTML: a page for each text and each source ----------------------------------------

    def html(self):
        folder = os.path.join(self.out, "html")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        self.copy_pictures(folder)
        for name in ("book.css", "search.js"):
            shutil.copy(os.path.join(HERE, name), folder)
        for name in self.downloads():
            shutil.copy(os.path.join(self.out, name), folder)
        pages = self.text_pages() + self.source_pages() + self.man_pages()
        blocks = []
        for page in pages:
            blocks += [raw("<!--page-->"), *page["blocks"]]
        bodies = pandoc(blocks, "-t", "html5", "--wrap=none").split("<!--page-->")[1:]
        reading = [p for p in pages if p["reading"]]
        for page, body in zip(pages, bodies):
            self.write_page(folder, page, body, reading)
        self.write_index(folder, pages)
        self.write_stepper(folder)
        print(f"{folder}/index.html: {len(pages) + 1} pages")

    def page_link(self, path, fragment):
        if path in self.pictures:
            return name_of(path)
        name = "stepper" if path == STEPPER_PAGE else name_of(path)
        return name + ".html" + ("#" + fragment if fragment else "")

    def text_pages(self):
        return [{"name": name_of(t.path), "title": t.title, "reading": True, "text": t,
                 "blocks": t.with_links(self.page_link, lambda name: name),
                 "search": t.sections(), "depth": self.depth(t.path)} for t in self.texts]

    def source_pages(self):
        pages = []
        for path in self.sources:
            up = chapter_of(path)
            home = f"{up}.html" if up and f"{up}/README.md" in self.tree.known else "index.html"
            block = code_block(path)
            pages.append({
                "name": name_of(path), "title": path, "reading": False, "home": home,
                "blocks": [header(1, "", path), block],
                "search": [("", path, block["c"][1])]})
        listing = "\n".join(f"- [{p}]({name_of(p)}.html)" for p in self.sources)
        pages.append({"name": "sources", "title": "Sources", "reading": False, "home": "index.html",
                      "blocks": [header(1, "", "Sources"), *texts.read(listing)["blocks"]],
                      "search": []})
        return pages

    def man_pages(self):
        pages = []
        for name, page in self.man.items():
            page = page.split('.SH "Author"')[0]
            blocks = [b for b in texts.read(page, "man")["blocks"] if texts.plain(b)]
            for block in blocks:
                if block["t"] == "Header":
                    block["c"][0] += 1
            pages.append({"name": "man-" + name, "title": name + "(3)", "reading": False,
                          "home": "index.html", "blocks": [header(1, "", name + "(3)"), *blocks],
                          "search": [("", name + "(3)", texts.plain(blocks))]})
        return pages

    def contents(self, current):
        """The list of all pages, in which the current one shows its sections."""
        def item(page, extra=""):
            here = ' aria-current="page"' if page["name"] == current["name"] else ""
            return (f'<li class="depth{page.get("depth", 0)}"><a href="{page["name"]}.html"{here}>'
                    f'{html.escape(page["title"])}</a>{extra}</li>')
        lines = []
        for text in self.texts:
            page = {"name": name_of(text.path), "title": text.title, "depth": self.depth(text.path)}
            extra = ""
            if page["name"] == current["name"]:
                extra = "<ul>" + "".join(
                    f'<li><a href="#{name}">{html.escape(title)}</a></li>'
                    for name, title in text.headings(2)) + "</ul>"
            lines.append(item(page, extra))
        more = [{"name": "stepper", "title": "Step through the pool"},
                {"name": "sources", "title": "Sources"}]
        more += [{"name": "man-" + name, "title": name + "(3)"} for name in self.man]
        files = "".join(f'<li><a href="{name}">The book as {name.split(".")[1].upper()}</a></li>'
                        for name in self.downloads())
        return f'<ul>{"".join(lines)}</ul><ul>{"".join(map(item, more))}{files}</ul>'

    def write_page(self, folder, page, body, reading):
        body = re.sub(r"<table", '<div class="scroll" tabindex="0"><table', body)
        body = re.sub(r"</table>", "</table></div>", body)
        body = re.sub(r"<pre\b", '<pre tabindex="0"', body)
        ways = []
        if page["reading"]:
            place = reading.index(page)
            if place > 0:
                before = reading[place - 1]
                ways.append(f'<a rel="prev" href="{before["name"]}.html">← '
                            f'{html.escape(before["title"])}</a>')
            if place + 1 < len(reading):
                after = reading[place + 1]
                ways.append(f'<a rel="next" href="{after["name"]}.html">'
                            f'{html.escape(after["title"])} →</a>')
        else:
            ways.append(f'<a href="{page["home"]}">← to the text</a>')
        title = self.title if page["name"] == "index" else f'{page["title"]} · {self.title}'
        with open(os.path.join(HERE, "page.html"), encoding="utf-8") as file:
            template = file.read()
        values = {"TITLE": html.escape(title), "BOOK": html.escape(self.title), "BODY": body,
                  "CONTENTS": self.contents(page), "WAYS": "".join(ways),
                  "LICENCE": html.escape(self.licence)}
        with open(os.path.join(folder, page["name"] + ".html"), "w", encoding="utf-8") as file:
            file.write(re.sub(r"@([A-Z]+)@", lambda m: values[m[1]], template))

    def write_index(self, folder, pages):
        entries = [[page["title"], heading, page["name"] + ".html" + ("#" + name if name else ""),
                    re.sub(r"\s+", " ", text)]
                   for page in pages for name, heading, text in page["search"]]
        with open(os.path.join(folder, "search-index.js"), "w", encoding="utf-8") as file:
            file.write("var BOOK_INDEX = " + json.dumps(entries, ensure_ascii=False) + ";\n")

    def write_stepper(self, folder):
        """One page, in which all that it needs is inside."""
        def inside(name):
            with open(os.path.join(STEPPER, name), encoding="utf-8") as file:
                return file.read()
        page = re.sub(r'<link rel="stylesheet" href="([^"]+)">',
                      lambda m: f"<style>\n{inside(m[1])}</style>", inside("index.html"))
        page = re.sub(r'<script src="([^"]+)"></script>',
                      lambda m: f"<script>\n{inside(m[1])}</script>", page)
        page = page.replace('<main id="stepper">', '<main id="stepper">\n'
                            f'<p><a href="index.html">← {html.escape(self.title)}</a></p>')
        page = page.replace("</main>", f"<footer><p>{html.escape(self.licence)}</p></footer>\n</main>")
        with open(os.path.join(folder, "stepper.html"), "w", encoding="utf-8") as file:
            file.write(page)

    # ---- One document: for EPUB and PDF ------------------------------------------------------

    def document(self, sources):
        """All texts and these sources, one after the other, with links among them."""
        pictures = os.path.join(self.out, "pictures")
        self.copy_pictures(pictures)

        def link(path, fragment):
            if path in self.pictures:
                return os.path.abspath(os.path.join(pictures, name_of(path)))
            if path in sources or path.endswith(".md"):
                return "#" + identifier(path, fragment)
            return None
        blocks = []
        for text in self.texts:
            first = True
            for block in text.with_links(link, lambda name, t=text: identifier(t.path, name)):
                if block["t"] == "Header" and block["c"][0] == 1 and first:
                    block["c"][1][0] = identifier(text.path)
                    first = False
                blocks.append(block)
        for path in sources:
            blocks += [header(1, identifier(path), path), code_block(path)]
        return blocks

    def epub(self):
        name = os.path.join(self.out, EPUB)
        pandoc(self.document(self.sources), "-t", "epub3", SPLIT + "=1", "--toc-depth=2",
               "--css", os.path.join(HERE, "epub.css"), "-M", "title=" + self.title,
               "-M", "lang=en", "-M", "rights=" + self.licence, "-o", name)
        print(name)

    def pdf(self):
        name = os.path.join(self.out, PDF)
        sources = [s for s in self.sources if CHAPTER.match(os.path.dirname(s))]
        body = pandoc(self.document(sources), "-t", "html5", "--wrap=none", "--section-divs")
        listed = [(identifier(t.path), t.title, self.depth(t.path)) for t in self.texts]
        listed += [(identifier(s), s, 1) for s in sources]
        contents = "".join(f'<li class="depth{depth}"><a href="#{i}">{html.escape(title)}</a></li>'
                           for i, title, depth in listed)
        page = (f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
                f"<title>{html.escape(self.title)}</title></head><body>"
                f'<section class="title"><p class="book">{html.escape(self.title)}</p>'
                f"<p>{html.escape(self.licence)}</p></section>"
                f'<nav class="contents"><h1>Contents</h1><ul>{contents}</ul></nav>{body}</body></html>')
        out = subprocess.run(["weasyprint", "--quiet", "--base-url", os.getcwd() + "/",
                              "--stylesheet", os.path.join(HERE, "print.css"), "-", name],
                             input=page, capture_output=True, text=True, check=False)
        if out.returncode != 0:
            sys.exit("weasyprint: " + out.stderr)
        print(name)


if __name__ == "__main__":
    VERSION = texts.read("")["pandoc-api-version"]
    # The name since pandoc 3.0, which warns about the older one.
    SPLIT = "--split-level" if "--split-level" in subprocess.run(
        ["pandoc", "--help"], capture_output=True, text=True, check=True).stdout \
        else "--epub-chapter-level"
    book = Book(sys.argv[1])
    shutil.rmtree(book.out, ignore_errors=True)
    os.makedirs(book.out)
    for form in sys.argv[2:] or ["epub", "pdf", "html"]: # the pages link to the files there are
        getattr(book, form)()
