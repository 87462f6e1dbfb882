# text.mk: pictures of what the workers do, the library for other programs, and what keeps the
# texts true. Included by the top Makefile.

TIMELINE = sh 05_blocking_mistake/timeline.sh

.PHONY: timeline-03 timeline-05 timeline-06 pictures
timeline-03: $(BUILD)/03_pool/pool_demo ## draw which worker did which task when, in chapter 3
	@$(TIMELINE) $<
timeline-05: $(addprefix $(BUILD)/05_blocking_mistake/,block_mistake block_fixed) ## the same for chapter 5: the mistake, and its cure
	@$(TIMELINE) $< && echo && $(TIMELINE) $(BUILD)/05_blocking_mistake/block_fixed
timeline-06: $(BUILD)/06_errors/crash_example ## the same for chapter 6: tasks that crash
	@$(TIMELINE) -t $< --limit 50
pictures: programs ## the same as pictures for the texts (needs gnuplot)
	bash tests/text/pictures.sh $(BUILD) .

# ---- Install -----------------------------------------------------------------------------

PREFIX ?= /usr/local
DESTDIR ?=
OBJCOPY ?= objcopy
LIBRARY := $(BUILD)/libprocesspool.a
HEADERS := 03_pool/pool.h 03_pool/task.h 04_futures/future.h 06_errors/error.h
installed = $(DESTDIR)$(PREFIX)/$1

# One object, in which only the names of the public headers can be seen from outside: a program
# may have a clock_now() of its own.
PUBLIC = pool_* task_* batch_* future_* completions_*
$(LIBRARY): $(call objects,$(POOL) $(FUTURES) $(ERRORS))
	$(call say,AR,$@)$(CC) $(CFLAGS) -nostdlib -r -o $(@:.a=.o) $^ && \
	    $(OBJCOPY) --wildcard $(patsubst %,--keep-global-symbol='%',$(PUBLIC)) $(@:.a=.o) && \
	    rm -f $@ && $(AR) rcs $@ $(@:.a=.o)

MAN := $(BUILD)/man/man3

.PHONY: install uninstall
install: $(LIBRARY) ## the pool for your own programs: PREFIX=$HOME/.local
	mkdir -p $(call installed,lib/pkgconfig) $(call installed,include/processpool)
	cp $(LIBRARY) $(call installed,lib)
	cp $(HEADERS) $(call installed,include/processpool)
	sed 's|@PREFIX@|$(PREFIX)|' tests/text/processpool.pc.in >$(call installed,lib/pkgconfig/processpool.pc)
	if [ -d $(MAN) ]; then mkdir -p $(call installed,share/man/man3) && \
	    cp $(MAN)/* $(call installed,share/man/man3); fi
uninstall: ## take away again what make install put there
	rm -f $(call installed,lib/libprocesspool.a) $(call installed,lib/pkgconfig/processpool.pc)
	rm -rf $(call installed,include/processpool)
	[ ! -d $(call installed,share/man/man3) ] || grep -lE 'man3/(pool|task|future|error)\.h|"processpool"' \
	    $(call installed,share/man/man3)/* | xargs rm -f

# One for each header and each struct of options; a function's shows its header's.
.PHONY: man
man: ## man pages of the headers, for make install (needs doxygen)
	@mkdir -p $(BUILD)
	@rm -rf $(MAN)
	(cat tests/text/Doxyfile; echo 'INPUT = $(HEADERS)'; echo 'OUTPUT_DIRECTORY = $(BUILD)') | doxygen -
	@cd $(MAN) && for page in *; do \
	    case $$page in pool[._]*|task[._]*|batch_*|future[._]*|completions_*|error.h.3|map_options.3) ;; \
	    *) rm $$page ;; esac; done

# ---- Checks ------------------------------------------------------------------------------

CHECKS += check-text

test-programs: $(BUILD)/tests/text/check_trace

$(BUILD)/tests/text/check_trace: $(call objects,tests/text/check_trace.o)
	$(link)

.PHONY: check-text
check-text: programs test-programs ## spelling, the texts' Python, pictures, man pages
	bash tests/text/check.sh $(BUILD)

-include $(wildcard $(BUILD)/tests/text/*.d)
