#!/usr/bin/env python3
"""check_links.py DIRECTORY: every link, picture and script of the pages in it is there, and
nothing is asked of the network but where a reader clicks."""

import os
import re
import sys
from html.parser import HTMLParser

directory = sys.argv[1]
ids, links = {}, []
bad = []


class Page(HTMLParser):
    def __init__(self, name):
        super().__init__()
        self.name, self.ids = name, []

    def handle_starttag(self, tag, attrs):
        for key, value in attrs:
            if key == "id":
                if value in self.ids:
                    bad.append(f"{self.name}: two elements have the id {value}")
                self.ids.append(value)
            if key in ("href", "src", "srcset") and value is not None:
                links.append((self.name, tag, value))


for name in sorted(os.listdir(directory)):
    if name.endswith(".html"):
        page = Page(name)
        with open(os.path.join(directory, name), encoding="utf-8") as file:
            text = file.read()
        page.feed(text)
        ids[name] = page.ids
        if name == "stepper.html": # its recorded runs have addresses, too
            ids[name] += re.findall(r'\bid: "(\w+)"', text)

for name, tag, url in links:
    if re.match(r"[a-z][a-z0-9+.-]*:|//", url):
        if tag != "a":
            bad.append(f"{name}: <{tag}> loads {url}")
        continue
    target, _, fragment = url.partition("#")
    target = target or name
    if not os.path.isfile(os.path.join(directory, target)):
        bad.append(f"{name}: {url} is not there")
    elif fragment and fragment not in ids.get(target, []):
        bad.append(f"{name}: {target} has no {fragment}")

for line in bad:
    print("FAILED:", line, file=sys.stderr)
print(f"{len(ids)} pages, {len(links)} links, {len(bad)} bad")
sys.exit(1 if bad or not links else 0)
