# checks.mk: the strict checks that need nothing but the sources. Included by the top Makefile.

CHECKS += check-clang check-asan check-valgrind
BESIDE += check-gcc check-static check-lint

STRICT = $(MAKE) --no-print-directory WERROR=1

.PHONY: check-gcc
check-gcc: ## compile with gcc, with and without optimization, without a warning
	$(STRICT) CC=gcc BUILD=$(BUILD)/gcc all test-programs
	$(STRICT) CC=gcc BUILD=$(BUILD)/gcc-O0 CFLAGS=-O0 all test-programs

.PHONY: check-clang
check-clang: ## clang, no warnings, and the tests of the chapters and the promises
	$(STRICT) CC=clang BUILD=$(BUILD)/clang test \
		FILES='$(addprefix tests/,$(addsuffix .bats,$(CHAPTERS) promises stress))'

# The library resets signals in the workers, so they crash as without sanitizers. Leaks are found
# where a process ends by exit(); a worker ends by _exit(). Address space can't be limited, as the
# sanitizer needs more than any limit. Variables may live in memory of the sanitizer's own, so that
# it finds a use after return: newer compilers' default.
.PHONY: check-asan
check-asan: ## the programs' tests under AddressSanitizer and UndefinedBehaviorSanitizer
	NO_LIMITS=1 ASAN_OPTIONS=$${ASAN_OPTIONS:+$$ASAN_OPTIONS:}handle_segv=0:handle_abort=0:handle_sigfpe=0:detect_stack_use_after_return=1 \
	UBSAN_OPTIONS=print_stacktrace=1 \
	$(STRICT) BUILD=$(BUILD)/asan \
		CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all' test \
		FILES='$(filter-out %/text.bats %/make.bats %/install.bats %/far.bats %/exercises.bats %/readme.bats %/arrows.bats,$(wildcard tests/*.bats))'

# Every program of the chapters once. Of the tests' programs, those that neither measure time or
# memory nor kill at a certain time: under valgrind all is slower. An error or a leak fails, in
# a worker too. crash_example is not searched for leaks: the search takes seconds in each process
# that dies, while the time limit of its tasks runs.
.PHONY: check-valgrind
check-valgrind: all test-programs ## the chapters' programs under valgrind's memcheck
	for program in $(filter-out %/smallest_error,$(STAIRS)); do \
	    bash tests/memcheck.sh $(BUILD)/$$program || exit; done
	bash tests/memcheck.sh $(BUILD)/03_pool/pool_demo
	bash tests/memcheck.sh $(BUILD)/04_futures/future_demo
	bash tests/memcheck.sh $(BUILD)/05_blocking_mistake/block_mistake
	bash tests/memcheck.sh $(BUILD)/05_blocking_mistake/block_fixed
	bash tests/memcheck.sh $(BUILD)/06_errors/error_example
	bash tests/memcheck.sh $(BUILD)/06_errors/threads_share
	bash tests/memcheck.sh $(BUILD)/06_errors/in_place --mib 4
	limit=$$(bash -c 'source tests/processes.bash; guard 8')000; \
	    valgrind --quiet --leak-check=no $(BUILD)/06_errors/crash_example --limit $$limit 2>&1 | \
		bash tests/crashes_on_purpose.sh
	bash tests/memcheck.sh $(BUILD)/06_errors/checksum Makefile LICENSE
	for program in many_at_once no_hang submit_never_blocks; do \
	    bash tests/memcheck.sh $(BUILD)/tests/promises/$$program || exit; done

# POOL and FUTURES are in this order in the top Makefile, the lowest first.
LAYERS = 03_pool/pool_options.h 03_pool/pool.h 03_pool/task.h 03_pool/program.h 03_pool/inside/word.h \
	03_pool/inside/cancel_state.h \
	$(subst inside/arena.o,inside/arena.o 03_pool/inside/shared.h 03_pool/inside/lock.h \
	03_pool/inside/block.h,$(POOL)) \
	04_futures/layout.h 04_futures/future.h 04_futures/record.h $(FUTURES) $(ERRORS)
.PHONY: arrows
arrows: $(call objects,$(POOL) $(FUTURES) $(ERRORS)) ## check that no file of the library needs one above it (SHOW=1: list the arrows)
	@bash tests/check/arrows.sh $(BUILD) $(LAYERS)
.PHONY: list-layers
list-layers: ## the files of the library, the lowest first
	@echo $(LAYERS)

# Not among the checks: it takes half an hour, and fetches Debian.
.PHONY: check-fresh
check-fresh: ## the two commands on new machines (needs Debian, root, debootstrap; MACHINES="12-npm ...")
	bash tests/fresh_machines.sh $(BUILD) $(MACHINES)

# Not among the checks: it takes ten minutes, and needs a container engine.
.PHONY: check-container
check-container: ## the container of .devcontainer is built and started (needs podman, docker or buildah)
	bash tests/dev_container.sh

# Three analysers, for all sources that need no library. What is suppressed stands in .clang-tidy
# or beside its line, each with its reason. Two more, of newer versions:
#  - analyzer-tainted-assertion: data that was read ends the process; that is what a check is for;
#  - normalCheckLevelMaxBranches: only says that cppcheck has not followed every branch.
ANALYSED = $$(git ls-files '0*/*.c' 'tests/*.c' | \
	grep -Ev '/exercises/|/(peers|loops)/(glib|uv|openmp)\.c$$|/text/example\.c$$$(if $(wildcard /usr/include/libgearman/gearman.h),,|/far/)')
ANALYSED_FLAGS = -std=c11 -D_GNU_SOURCE $(addprefix -I,$(CHAPTERS) 03_pool/inside 06_errors/far tests/check tests/stress tests/bench)
.PHONY: check-static
check-static: ## gcc -fanalyzer, clang-tidy and cppcheck find nothing
	printf '%s\n' $(ANALYSED) | xargs -P 2 -n 1 \
		gcc $(ANALYSED_FLAGS) -O2 -fanalyzer -Wno-analyzer-tainted-assertion -Werror -c -o /dev/null
	cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability \
		--inline-suppr --suppress=normalCheckLevelMaxBranches --std=c11 -j 2 $(addprefix -I,$(CHAPTERS) 03_pool/inside tests/check tests/stress tests/bench) \
		$(ANALYSED)
	printf '%s\n' $(ANALYSED) | xargs -P 2 -n 4 sh -c \
		'clang-tidy --quiet "$$@" -- $(ANALYSED_FLAGS) 2>/dev/null' clang-tidy

# In bats files: shellcheck does not know what `load` and `run` define, nor that each test is a
# subshell.
BATS_UNKNOWN = SC1091,SC2016,SC2030,SC2031,SC2153,SC2154,SC2317
# clang-format has changed its mind on the space in "} * name;".
.PHONY: check-lint
check-lint: ## clang-format, shellcheck; the exercises' files as a learner gets them
	grep -E '^[0-9]{2} ' tests/exercises/list | while read -r _ chapter name _; do \
	    cmp "tests/exercises/$$name/starter.c" "$$chapter/exercises/$$name/$$name.c" || exit; done
	for file in $$(git ls-files '*.c' '*.h'); do \
	    clang-format $$file | sed 's/^} \*\([a-z]\)/} * \1/' | diff -u $$file - || exit; done
	shellcheck -x $$(git ls-files '*.sh' '*.bash') .ci/run
	shellcheck -x -e $(BATS_UNKNOWN) $$(git ls-files '*.bats')
	awk -f tests/check/workflow_steps.awk $$(git ls-files '.github/*.yml') | shellcheck -s sh -
