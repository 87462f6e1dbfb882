"""tree.py: what the book is made of, read off the tree: texts, in order, and sources."""

import os
import re
import subprocess

CHAPTER = re.compile(r"^\d\d_[^/]*$")
SOURCE = re.compile(r"\.[ch]$")
TEXT = re.compile(r"\.(c|h|sh|bash|bats|awk|gp|py|mk|pml|js|css|html|yml|json|in|cpp)$"
                  r"|(^|/)(Makefile|LICENSE|hints|Doxyfile)$|^\.")


def all_files(build):
    """Every file of the repository; also in a tree that is no git repository."""
    git = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"],
                         capture_output=True, text=True, check=False)
    if git.returncode == 0 and git.stdout:
        inside = os.path.relpath(build) + "/"
        return sorted(f for f in git.stdout.splitlines()
                      if os.path.isfile(f) and not f.startswith(inside))
    found = []
    for folder, folders, files in os.walk("."):
        folders[:] = [f for f in folders if f not in (".git", "node_modules") and
                      not f.startswith("build") and
                      os.path.abspath(os.path.join(folder, f)) != os.path.abspath(build)]
        found += [os.path.relpath(os.path.join(folder, f), ".") for f in files]
    return sorted(found)


def chapter_of(path):
    first = path.split("/")[0]
    return first if CHAPTER.match(first) else None


class Tree:
    """files: all; readmes: the texts, in the order of the book; sources: of the chapters."""

    def __init__(self, build):
        self.files = all_files(build)
        self.known = set(self.files)
        self.sources = [f for f in self.files if SOURCE.search(f) and chapter_of(f)]
        self.readmes = self.order()

    def order(self):
        """The front page; each chapter, followed by what its text links to; the rest."""
        readmes = [f for f in self.files if f.endswith(".md") and not f.startswith(".")]
        chapters = sorted({c for c in map(chapter_of, readmes) if c})
        order = [f for f in ["README.md"] if f in readmes]
        for chapter in chapters:
            order += self.follow(chapter + "/README.md", readmes, chapter)
        rest = [f for f in readmes if f not in order]
        return order + sorted(rest, key=lambda f: (os.path.dirname(f), not f.endswith("README.md"), f))

    def follow(self, start, readmes, chapter):
        own = [f for f in readmes if chapter_of(f) == chapter]
        if start not in own:
            return own
        with open(start, encoding="utf-8") as text:
            links = re.findall(r"\]\(([^)#\s]+)", text.read())
        named = [self.resolve(os.path.dirname(start), link) for link in links]
        linked = [f for f in dict.fromkeys(named) if f in own and f != start]
        return [start] + linked + [f for f in own if f != start and f not in linked]

    def resolve(self, folder, url):
        """The file that a link in a text in this folder means, or None."""
        path = os.path.normpath(os.path.join(folder, url))
        if path in self.known:
            return path
        readme = "README.md" if path == "." else path + "/README.md"
        return readme if readme in self.known else None

    def is_folder(self, folder, url):
        """A folder without a text of its own: no page, but no mistake either."""
        path = os.path.normpath(os.path.join(folder, url)) + "/"
        return any(f.startswith(path) for f in self.files)

    def named(self, folder, name):
        """The file that the text in this folder calls by this name, or None."""
        if not re.fullmatch(r"[\w./-]+", name) or "." not in name and name != "Makefile":
            return None
        if name.endswith(".md"):
            return None
        for path in (name, os.path.normpath(os.path.join(folder, name))):
            if path in self.known and is_text(path):
                return path
        if not SOURCE.search(name):
            return None
        inner = [f for f in self.sources if f.endswith("/" + name)]
        near = [f for f in inner if chapter_of(f) == chapter_of(folder + "/")]
        for choice in (near, inner):
            if len(choice) == 1:
                return choice[0]
        return None


def is_text(path):
    return bool(TEXT.search(path))
