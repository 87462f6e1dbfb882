# book.mk: the texts, headers and sources as a book, and the stepper. Included by the top
# Makefile.

BOOK = python3 tests/book/book.py $(BUILD)
STEPPER := tests/book/stepper
# In a directory of its own: check-text makes man pages, too, maybe at the same time.
MAKE_MAN = $(MAKE) --no-print-directory BUILD=$(BUILD)/book-man man >/dev/null
PANDOC := pandoc:pandoc python3:python3 doxygen:doxygen
BROWSER := node:nodejs npm:npm chromium:chromium java:default-jre-headless

.PHONY: book
book: ## the book: HTML, EPUB, PDF (needs pandoc, weasyprint, doxygen, python3)
	@bash tests/book/need.sh $@ $(PANDOC) weasyprint:weasyprint
	@$(MAKE_MAN)
	$(BOOK)

# The page of the stepper needs no book: tests/book/stepper/index.html.
BESIDE += check-book

.PHONY: check-stepper check-book check-pages
check-stepper: ## visit every state of the stepper, and compare it with the model (needs node, spin; FULL=1: more)
	@bash tests/book/need.sh $@ node:nodejs spin:spin
	node $(STEPPER)/test.js
	node $(STEPPER)/agree.js $(BUILD)/stepper $(if $(FULL),--all)

check-book: check-stepper ## the stepper; the book can be made, and its links are right
	@bash tests/book/need.sh $@ $(PANDOC)
	@$(MAKE_MAN)
	$(BOOK) epub html
	python3 tests/book/check_links.py $(BUILD)/book/html

# What comes from npm lands in the build directory, and nowhere else.
TOOLS := $(BUILD)/book-tools
check-pages: book ## the book in a browser, and epubcheck (needs chromium, npm, epubcheck)
	@bash tests/book/need.sh $@ $(BROWSER) epubcheck:epubcheck
	@mkdir -p $(TOOLS)
	npm install --prefix $(TOOLS) --no-save --no-package-lock --no-audit --no-fund --silent \
		playwright-core@1 axe-core@4
	NODE_PATH=$(TOOLS)/node_modules node tests/book/check_pages.js $(BUILD)/book
	java -jar /usr/share/java/epubcheck.jar --quiet $(BUILD)/book/processes-in-c.epub
