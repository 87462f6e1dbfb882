# The whole user interface of this repository: `make help` lists it.
#
# As usual: CC, CPPFLAGS, CFLAGS, LDFLAGS and LDLIBS are yours to set, V=1 shows the commands.
# Everything that is built lands in build/ (or BUILD=elsewhere); nothing in the sources.

# Numbers have a point here, also where the reader writes a comma.
ifdef LC_ALL
export LANG := $(LC_ALL)
unexport LC_ALL
endif
export LC_NUMERIC := C

# What else the environment may tell shells and tools, and what git tells a hook.
unexport BASH_ENV ENV CDPATH POSIXLY_CORRECT GREP_OPTIONS
unexport GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_COMMON_DIR GIT_OBJECT_DIRECTORY GIT_PREFIX

ifeq ($(wildcard 01_fork/fork.c),)
$(error make begins in the directory of this Makefile: make -C DIRECTORY ...)
endif

BUILD ?= build
CC ?= cc
AR ?= ar
CXX ?= c++
CFLAGS ?= -O2 -g
WERROR ?=
V ?=
# 0 is as good as nothing.
override WERROR := $(filter-out 0,$(WERROR))
override V := $(filter-out 0,$(V))

# make, or the shell, would take it apart.
UNSAFE := \# " ' ` $$ & ; , : % * ? [ ] { } < > | ! \ ~ = ( )
ifneq ($(words $(BUILD)) $(strip $(filter -%,$(BUILD)) $(foreach c,$(UNSAFE),$(findstring $c,$(BUILD)))),1 )
$(error BUILD must be one word of letters, digits and _./+@-, and not begin with -: it is '$(BUILD)')
endif

# What the code needs, whatever CFLAGS says. POSIX and C11: the few calls beyond them are
# in files that ask for them with _GNU_SOURCE, most in 03_pool/inside/linux_*.c.
FLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
	$(if $(WERROR),-Werror) $(INCLUDES) $(CPPFLAGS) $(CFLAGS)

CHAPTERS := 01_fork 02_fork_split 03_pool 04_futures 05_blocking_mistake 06_errors

# What each program is linked from, to the object. Every chapter adds its own on top of the
# ones below, and takes those as they are.
POOL := $(addprefix 03_pool/inside/,monotonic.o linux_futex.o linux_memory.o linux_descriptor.o linux_process.o linux_proc.o \
	cpus.o memory.o process.o streams.o stack.o tie.o orphans.o array.o arena.o trace.o handle.o queue.o wake.o hold.o \
	surplus.o worker.o pause.o signals.o crew.o burial.o deadlines.o foreman.o order.o order_list.o inspect.o \
	loose.o publish.o task.o cancel.o wait.o loop.o submit.o room.o end.o open.o close.o)
FUTURES := $(addprefix 04_futures/,run.o future.o outcome.o callback.o futures.o chunk.o map.o)
ERRORS := $(addprefix 06_errors/,error.o symbol.o crash.o)
DEMO := 03_pool/demo.o

# The stairs: programs of one file, which need nothing but the system.
STAIRS := 01_fork/first_fork 01_fork/fork 02_fork_split/fork_split 02_fork_split/first_pipe \
	03_pool/smallest_pool 03_pool/locked_pool 03_pool/wrong_pool 03_pool/swapped_pool \
	04_futures/smallest_future 04_futures/first_poll 06_errors/smallest_error
PROGRAMS := $(STAIRS) 03_pool/pool_demo 04_futures/cost 04_futures/future_demo 04_futures/poll_server \
	05_blocking_mistake/block_mistake 05_blocking_mistake/block_fixed \
	06_errors/error_example 06_errors/crash_example 06_errors/checksum \
	06_errors/threads_share 06_errors/in_place

.PHONY: all programs
all: programs ## build every chapter's programs (what a bare `make` does)
	@echo "Built. Next: make 01_fork, make run (all six chapters), make test, or make help."

programs := $(addprefix $(BUILD)/,$(PROGRAMS))
programs: $(programs)

# -z now: the program looks up all symbols when it starts, not each of its children again.
link = $(call say,LINK,$@)$(CC) $(CFLAGS) -Wl,-z,now $(LDFLAGS) -o $@ $(filter %.o,$^) $(LDLIBS)
say = $(if $(V),,@printf '  %-4s %s\n' '$1' '$(patsubst $(BUILD)/%,%,$2)' &&) 
objects = $(addprefix $(BUILD)/,$1)
# Several objects in one. -r takes few of the other flags.
combine = $(CC) $(filter -m% -B% --target% --sysroot=%,$(CFLAGS)) -fno-lto -nostdlib -r -o

# -pthread: older C libraries have mutexes and semaphores in a library of their own.
$(addprefix $(BUILD)/,$(STAIRS)): LDLIBS += -pthread
$(addprefix $(BUILD)/,$(STAIRS)): %: %.o
	$(link)
# The pool as it is, and no more.
$(BUILD)/03_pool/pool_demo: $(call objects,03_pool/pool_demo.o $(DEMO) $(POOL))
	$(link)
# Futures on top of it.
$(BUILD)/04_futures/cost: $(call objects,04_futures/cost.o $(DEMO) $(FUTURES) $(POOL))
	$(link)
$(BUILD)/04_futures/poll_server: $(call objects,04_futures/poll_server.o $(DEMO) $(FUTURES) $(POOL))
	$(link)
$(BUILD)/04_futures/future_demo: $(call objects,04_futures/future_demo.o $(DEMO) $(FUTURES) $(POOL))
	$(link)
# No new machinery: a mistake, and its cure.
$(BUILD)/05_blocking_mistake/block_mistake: $(call objects,05_blocking_mistake/block_mistake.o $(DEMO) $(FUTURES) $(POOL))
	$(link)
$(BUILD)/05_blocking_mistake/block_fixed: $(call objects,05_blocking_mistake/block_fixed.o $(DEMO) $(FUTURES) $(POOL))
	$(link)
# Errors on top of futures.
$(BUILD)/06_errors/error_example: $(call objects,06_errors/error_example.o $(DEMO) $(ERRORS) $(FUTURES) $(POOL))
	$(link)
$(BUILD)/06_errors/crash_example: $(call objects,06_errors/crash_example.o $(DEMO) $(ERRORS) $(FUTURES) $(POOL))
	$(link)
$(BUILD)/06_errors/checksum: $(call objects,06_errors/checksum.o 06_errors/sum.o 06_errors/crc.o 06_errors/quote.o $(DEMO) $(ERRORS) $(FUTURES) $(POOL))
	$(link)
# For programs of your own.
$(BUILD)/06_errors/threads_share: LDLIBS += -pthread
$(BUILD)/06_errors/threads_share: $(call objects,06_errors/threads_share.o $(DEMO) $(FUTURES) $(POOL))
	$(link)
$(BUILD)/06_errors/in_place: $(call objects,06_errors/in_place.o $(DEMO) $(FUTURES) $(POOL))
	$(link)

# A storey sees the headers of those below it and of none above.
$(BUILD)/01_fork/%.o $(BUILD)/02_fork_split/%.o $(BUILD)/03_pool/%.o: INCLUDES =
$(BUILD)/03_pool/inside/%.o: INCLUDES = -I03_pool
$(BUILD)/04_futures/%.o: INCLUDES = -I03_pool
$(BUILD)/05_blocking_mistake/%.o $(BUILD)/06_errors/%.o: INCLUDES = -I03_pool -I04_futures

$(BUILD)/%.o: %.c | $(BUILD)/compiles
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(FLAGS) -MMD -MP -MT '$$(BUILD)/$*.o' -c -o $@ $<

# Can anything be built here, with this compiler? If not, one sentence says so, not a thousand.
define try_compiler
#include <linux/futex.h>
#include <stdatomic.h>
_Static_assert(ATOMIC_LONG_LOCK_FREE == 2, "atomics without locks");
int main(void) { return 0; }
endef
export try_compiler
$(BUILD)/compiles:
	@mkdir -p $(@D) && [ -w $(@D) ] || { echo "make can't write to $(BUILD)." \
	    "Build elsewhere: make BUILD=/tmp/build ..." >&2; exit 1; }
	@printf '%s\n' "$$try_compiler" >$@.c && $(CC) $(FLAGS) $(LDFLAGS) -o $@ $@.c $(LDLIBS) || \
	    { echo "$(CC) can't build this. It needs gcc or clang, as a compiler of C11 (CC=gcc)," \
	    "and the headers of C and Linux. On Debian: apt-get install gcc libc6-dev" >&2; exit 1; }

# ---- Run ---------------------------------------------------------------------------------

# $(call show,program and arguments): a heading, the program, the time it took. The clock is
# the kernel's: to a hundredth of a second, and nobody sets it. A program that crashes on purpose
# leaves no core.
show = @ulimit -c 0; printf '\n--- %s\n' '$(notdir $1)'; \
	start=$$(cut -d' ' -f1 /proc/uptime); \
	$(BUILD)/$1 || $(not_run); \
	$(took)
took = awk -v start=$$start '{ printf "--- took %.2f s\n", $$1 - start }' /proc/uptime
# 126, 127: the shell could not even begin it.
not_run = { status=$$?; case $$status in 126|127) echo "$(BUILD) is another system's, or nothing" \
	"can be run there: make clean, or build elsewhere: make BUILD=/tmp/build ..." >&2 ;; esac; \
	exit $$status; }
# The same for a program that shows a failure: it has to fail.
fails = @ulimit -c 0; printf '\n--- %s\n' '$(notdir $1)'; \
	start=$$(cut -d' ' -f1 /proc/uptime); \
	if $(BUILD)/$1; then echo 'It should have failed.' >&2; exit 1; fi; \
	$(took)
# What to look at in the run that follows.
note = @printf '\n* %s\n' '$1'
comma := ,
heading = @printf '\n=== %s ===\n' $@

.PHONY: $(CHAPTERS)
01_fork: $(filter $(BUILD)/01_fork/%,$(programs)) ## chapter 1: one process becomes two
	$(heading)
	$(call show,01_fork/first_fork)
	$(call note,The same with every failure looked for:)
	$(call show,01_fork/fork)
02_fork_split: $(filter $(BUILD)/02_fork_split/%,$(programs)) ## chapter 2: ten tasks over two processes
	$(heading)
	$(call show,02_fork_split/fork_split)
	$(call note,Results come back through a pipe:)
	$(call show,02_fork_split/first_pipe)
	$(call note,An end of the pipe is left open. The parent waits for itself:)
	$(call fails,02_fork_split/first_pipe forget)
03_pool: $(filter $(BUILD)/03_pool/%,$(programs)) ## chapter 3: a pool of workers
	$(heading)
	$(call show,03_pool/smallest_pool)
	$(call note,20000 tasks. After how many lines are all in the pipe?)
	$(call show,03_pool/smallest_pool full | grep -n "All tasks")
	$(call note,A worker is killed. Its task is lost. Which one?)
	$(call fails,03_pool/smallest_pool kill)
	$(call note,An array and a lock. The program knows what is lost:)
	$(call fails,03_pool/locked_pool kill)
	$(call note,A worker is killed while it has the lock. The others wait until an alarm ends them:)
	$(call fails,03_pool/locked_pool lock)
	$(call note,The same with a robust lock. The others go on; but whose is task 3?)
	$(call fails,03_pool/locked_pool robust)
	$(call note,No lock: look and then write. How often is task 3 done?)
	$(call fails,03_pool/wrong_pool look)
	$(call note,No lock: swap the head. A worker is killed; whose is task 3?)
	$(call fails,03_pool/wrong_pool swap)
	$(call note,Swap the word of the task. A worker is killed. What is lost? Which workers do the rest?)
	$(call fails,03_pool/swapped_pool kill)
	$(call note,A worker is killed before it has the task: nothing is lost.)
	$(call show,03_pool/swapped_pool early)
	$(call note,The pool:)
	$(call show,03_pool/pool_demo)
	$(call note,The same with buffers. When are the lines written?)
	$(call show,03_pool/pool_demo --buffered)
04_futures: $(filter $(BUILD)/04_futures/%,$(programs)) ## chapter 4: results that are not there yet
	$(heading)
	$(call show,04_futures/smallest_future)
	$(call note,A process for each task. What does that cost?)
	$(call show,04_futures/cost)
	$(call note,Three tasks: "future"$(comma) "is"$(comma) "here". Which result comes first?)
	$(call show,04_futures/smallest_future order)
	$(call note,With poll(): whichever answers first:)
	$(call show,04_futures/first_poll)
	$(call note,Futures on the pool:)
	$(call show,04_futures/future_demo)
	$(call note,A server: one thread that waits for connections and for futures:)
	$(call show,04_futures/poll_server)
05_blocking_mistake: $(addprefix $(BUILD)/05_blocking_mistake/,block_mistake block_fixed) ## chapter 5: a mistake often seen
	$(heading)
	$(call show,05_blocking_mistake/block_mistake)
	$(call show,05_blocking_mistake/block_fixed)
06_errors: $(addprefix $(BUILD)/,$(filter 06_errors/%,$(PROGRAMS))) ## chapter 6: errors and crashes
	$(heading)
	$(call show,06_errors/smallest_error)
	$(call note,The same for a pool. About half of the tasks fail:)
	$(call show,06_errors/error_example)
	$(call note,Six of nine tasks take their worker with them:)
	$(call show,06_errors/crash_example)
	$(call note,The pool at work:)
	$(call show,06_errors/checksum Makefile README.md LICENSE)

# `make 3` is short for `make 03_pool`.
.PHONY: 1 2 3 4 5 6
1 2 3 4 5 6: ## the same by number: make 1 ... make 6
	@:
$(foreach n,1 2 3 4 5 6,$(eval $n: $(filter 0$n_%,$(CHAPTERS))))

.PHONY: run
run: programs ## run all six chapters, one after the other
	@for chapter in $(CHAPTERS); do $(MAKE) --no-print-directory $$chapter || exit; done

# ---- Test --------------------------------------------------------------------------------

FILES ?= tests
FILTER ?=
NO_INSTALL ?=

# First the tools, then the build, then the tests. A single quote in a value is no end of it.
quote = '$(subst ','\'',$1)'
make_test = BUILD=$(BUILD) CC=$(call quote,$(CC)) FILES=$(call quote,$(FILES)) \
	FILTER=$(call quote,$(FILTER)) NO_INSTALL=$(call quote,$(NO_INSTALL)) sh tests/make_test.sh

.PHONY: test
test: ## the tests (some: FILES=tests/03_pool.bats, FILTER=regex; NO_INSTALL=1: get no tools)
	@$(make_test) look
	@$(MAKE) --no-print-directory test-programs
	@$(make_test) run
# With -j: what is built for other goals is not built twice at the same time.
test: | $(filter-out test check%,$(MAKECMDGOALS))

.PHONY: test-programs
test-programs: programs $(BUILD)/tests/reaps_children
	@:

# The strict set. Each check adds its target to CHECKS, or to BESIDE if it only computes, in
# a directory of its own: no time is measured in it, so it can run beside the others.
CHECKS :=
BESIDE :=
-include tests/check/check.mk tests/promises/promises.mk tests/loops/loops.mk tests/stress/stress.mk \
	tests/model/model.mk tests/bench/bench.mk tests/exercises/exercises.mk \
	tests/install/install.mk tests/text/text.mk tests/checks.mk 06_errors/far/far.mk \
	tests/book/book.mk

.PHONY: check
check: ## run all the slow and strict checks below
	@BUILD="$(BUILD)" bash tests/run_checks.sh "$(MAKE)" $(CHECKS) -- $(BESIDE)

.PHONY: list-checks
list-checks: ## what make check runs (after --: beside the others)
	@printf '%s\n' $(CHECKS) -- $(BESIDE)

# make -j clean all: one after the other.
ifneq ($(filter clean,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

# Only a directory that is empty or that make has built in; even then not this tree, one above it,
# one with a README.md in it, one that others use (/tmp), or HOME.
.PHONY: clean
clean: ## remove what was built
	@[ ! -d $(BUILD) ] || (cd $(BUILD) && place=$$(pwd -P) && \
	    case $(call quote,$(CURDIR))/ in "$${place%/}"/*) exit 1 ;; esac && \
	    { [ -z "$$(ls -A)" ] || [ -e compiles.c ] || [ -e npm ] || [ -e install.log ] || \
	    [ -e $(DIST).list ] || [ -e exercises/own ] || [ -e exercises/hints ] || [ -e bats.tar.gz ]; } && \
	    [ ! -e README.md ] && [ ! -k . ] && [ ! . -ef "$$HOME" ]) 2>/dev/null || \
	    { echo "make clean removes $(BUILD) as a whole, and there is more in it" >&2; exit 1; }
	rm -rf $(BUILD)

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-zA-Z0-9_. -]+:.*## / { \
	    if (seen && seen != FILENAME) print ""; \
	    seen = FILENAME; \
	    printf "%-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

-include $(wildcard $(BUILD)/0*/*.d $(BUILD)/0*/*/*.d $(BUILD)/tests/*.d)
.DELETE_ON_ERROR:
