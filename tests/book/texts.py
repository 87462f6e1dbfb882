"""texts.py: pandoc's tree of a text: what the book changes in it."""

import json
import os
import re
import subprocess
from urllib.parse import unquote

EXTERNAL = re.compile(r"^[a-z][a-z0-9+.-]*:|^//")


def read(text, form="gfm"):
    out = subprocess.run(["pandoc", "-f", form, "-t", "json"], input=text,
                         capture_output=True, text=True, check=True)
    return json.loads(out.stdout)


def plain(inlines):
    """The text of inlines, or of anything else in the tree."""
    parts = []

    def collect(node):
        if isinstance(node, list):
            for item in node:
                collect(item)
        elif isinstance(node, dict):
            kind = node.get("t")
            if kind in ("Str", "Math"):
                parts.append(node["c"] if isinstance(node["c"], str) else "")
            elif kind in ("Space", "SoftBreak", "LineBreak"):
                parts.append(" ")
            elif kind in ("Code", "CodeBlock"):
                parts.append(node["c"][1])
            elif kind in ("RawInline", "RawBlock"):
                pass
            elif kind in ("Link", "Image"):
                collect(node["c"][1])
            else:
                collect(node.get("c"))
                if kind in ("Para", "Plain", "Header", "BlockQuote"):
                    parts.append(" ")

    collect(inlines)
    return "".join(parts).strip()


def walk(node, change, in_link=False):
    """Calls change(node, in_link) for each; it returns what takes the node's place, or None."""
    if isinstance(node, list):
        return [walk(item, change, in_link) for item in node]
    if not isinstance(node, dict):
        return node
    if "t" in node:
        new = change(node, in_link)
        if new is not None:
            return new
        if "c" in node:
            inside = in_link or node["t"] in ("Link", "Header")
            node = {**node, "c": walk(node["c"], change, inside)}
    return node


def only_links(block):
    """A line of links to the chapters before and after: the book has its own."""
    if block["t"] not in ("Para", "Plain"):
        return False
    rest = [i for i in block["c"] if i["t"] not in ("Link", "Space", "SoftBreak")]
    return all(i == {"t": "Str", "c": "·"} for i in rest) and \
        any("←" in plain(i) or "→" in plain(i) for i in block["c"] if i["t"] == "Link")


def diagram(text):
    """A state diagram as a table: from, to, by which process."""
    rows = re.findall(r"^\s*(\S+)\s*-->\s*([^:\n]+?)\s*(?::\s*(.*))?$", text, re.M)
    lines = ["| from | to | by |", "|---|---|---|"]
    lines += [f"| {a} | {b} | {by} |" for a, b, by in rows if a != "[*]"]
    return read("\n".join(lines))["blocks"]


def table(block):
    """No empty heading, and columns as wide as they need."""
    attributes, caption, columns, head, bodies, foot = block["c"]
    columns = [[align, {"t": "ColWidthDefault"}] for align, _ in columns]
    if not plain(head):
        head = [head[0], []]
    return {**block, "c": [attributes, caption, columns, head, bodies, foot]}


class Text:
    """One README as a page of the book."""

    def __init__(self, tree, path):
        self.tree, self.path = tree, path
        self.folder = os.path.dirname(path)
        with open(path, encoding="utf-8") as file:
            blocks = read(file.read())["blocks"]
        self.blocks = [b for b in blocks if not only_links(b)]
        heading = next(b for b in self.blocks if b["t"] == "Header")
        self.title = plain(heading["c"][2])

    def headings(self, level):
        return [(b["c"][1][0], plain(b["c"][2])) for b in self.blocks
                if b["t"] == "Header" and b["c"][0] == level]

    def sections(self):
        """[(id, heading, text)]: for the search."""
        found = [("", self.title, [])]
        for block in self.blocks:
            if block["t"] == "Header":
                found.append((block["c"][1][0], plain(block["c"][2]), []))
            else:
                found[-1][2].append(plain(block))
        return [(i, heading, " ".join(texts)) for i, heading, texts in found]

    def linked(self):
        """The files that this text links to or names."""
        found = []

        def target(url):
            path = self.tree.resolve(self.folder, url)
            return path or (None if self.tree.is_folder(self.folder, url) else "MISSING " + url)

        def note(node, _):
            if node["t"] in ("Link", "Image"):
                url = unquote(node["c"][2][0].split("#")[0])
                if url and not EXTERNAL.match(url):
                    found.append(target(url))
            elif node["t"] == "Code":
                found.append(self.tree.named(self.folder, node["c"][1]))
            elif node["t"] in ("RawInline", "RawBlock"):
                for url in re.findall(r'(?:src|srcset|href)="([^"#]+)', node["c"][1]):
                    if not EXTERNAL.match(url):
                        found.append(target(url))

        walk(self.blocks, note)
        return [f for f in dict.fromkeys(found) if f]

    def with_links(self, link_to, own_id):
        """The blocks, with links to what link_to(path, fragment) returns, which may be None."""

        def to(url):
            if EXTERNAL.match(url):
                return url
            path, _, fragment = url.partition("#")
            target = self.tree.resolve(self.folder, unquote(path)) if path else self.path
            return link_to(target, fragment) if target else None

        def change(node, in_link):
            kind, content = node["t"], node.get("c")
            if kind == "Link":
                url = to(content[2][0])
                inner = walk(content[1], change, True)
                if url is None:
                    return {"t": "Span", "c": [["", [], []], inner]}
                return {"t": kind, "c": [content[0], inner, [url, content[2][1]]]}
            if kind == "Image":
                return {"t": kind, "c": [content[0], content[1],
                                         [to(content[2][0]) or content[2][0], content[2][1]]]}
            if kind == "Code" and not in_link:
                path = self.tree.named(self.folder, content[1])
                url = link_to(path, "") if path else None
                if url:
                    return {"t": "Link", "c": [["", [], []], [node], [url, ""]]}
            if kind == "Header":
                level, (name, classes, pairs), inner = content
                return {"t": kind, "c": [level, [own_id(name), classes, pairs],
                                         walk(inner, change, True)]}
            if kind == "CodeBlock" and "mermaid" in content[0][1]:
                return {"t": "Div", "c": [["", ["diagram"], []],
                                          [table(b) if b["t"] == "Table" else b
                                           for b in diagram(content[1])]]}
            if kind == "Table":
                return {**table(node), "c": walk(table(node)["c"], change, in_link)}
            if kind in ("RawInline", "RawBlock"):
                def replace(match):
                    return f'{match[1]}="{to(match[2]) or match[2]}"'
                return {"t": kind, "c": [content[0], re.sub(
                    r'(src|srcset|href)="([^"]+)"', replace, content[1])]}
            return None

        return walk(self.blocks, change)
