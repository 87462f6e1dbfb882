# bench.mk: measure the pool beside its peers. Included by the top Makefile.

BENCH := $(BUILD)/tests/bench
BENCH_OWN := $(addprefix $(BENCH)/,pool pool_submit pool_map fork pipe limits one libspin.so)
BENCH_OTHERS := $(addprefix $(BENCH)/,glib uv tbb taskflow openmp-gcc openmp-clang)

# What the programs share, and what all peers share.
COMMON := $(addprefix $(BENCH)/,common.o spin.o) $(BUILD)/tests/check/clock.o
HARNESS := $(BENCH)/harness.o $(COMMON)

# The time that the build takes counts.
.PHONY: bench
bench: ## measure the pool beside its peers (QUICK=1: less exactly, under a minute)
	@command -v python3 >/dev/null || \
	    { echo 'make bench needs python3 (3.8 or later): see make bench-deps' >&2; exit 1; }
	@begun=$$(date +%s) && $(MAKE) --no-print-directory bench-programs && \
	    BENCH=$(BENCH) python3 tests/bench/bench.py $(if $(QUICK),--quick) --begun "$$begun" $(BUILD)/bench

.PHONY: bench-deps
bench-deps: ## list what make bench can use and is missing; as root on Debian, install it
	@bash tests/bench/deps.sh

.PHONY: bench-programs
bench-programs: $(BENCH_OWN) $(BENCH_OTHERS)

CHECKS += check-bench check-instructions check-counts

# Run every peer once, with few tasks, only to check that its results are right.
.PHONY: check-bench
check-bench: ## check that the benchmark's programs give right results
	@$(MAKE) --no-print-directory WERROR=1 BUILD=$(BUILD)/bench-check bench-programs
	@BENCH=$(BUILD)/bench-check/tests/bench \
	    python3 tests/bench/bench.py --smoke $(BUILD)/bench-check/bench

.PHONY: check-instructions
check-instructions: ## check that a task takes at most a tenth more instructions than recorded
	@bash tests/bench/instructions.sh "$(MAKE)" "$(BUILD)"

.PHONY: record-instructions
record-instructions: ## record what check-instructions compares with
	@bash tests/bench/instructions.sh "$(MAKE)" "$(BUILD)" record

# Page faults depend on the page size and on how the kernel allocates; the record is for pages of
# 4 KiB.
COUNTED := $(addprefix $(BENCH)/,many_tasks open_close)
.PHONY: check-counts
check-counts: $(COUNTED) ## check page faults and system calls of many tasks, and of an opening, against the record
	@bash tests/bench/counts.sh $(BENCH)

.PHONY: record-counts
record-counts: $(COUNTED) ## record what check-counts compares with
	@bash tests/bench/counts.sh $(BENCH) record

# _GNU_SOURCE: for sched_setaffinity() and MAP_ANONYMOUS.
$(BENCH)/%.o: INCLUDES = -D_GNU_SOURCE -Itests/check -I03_pool -I04_futures

$(BENCH)/pool $(BENCH)/pool_submit $(BENCH)/pool_map: $(BENCH)/%: $(BENCH)/peers/%.o $(HARNESS) \
		$(call objects,$(FUTURES) $(POOL))
	$(link)
$(BENCH)/fork $(BENCH)/pipe: $(BENCH)/%: $(BENCH)/peers/%.o $(HARNESS)
	$(link)
$(BENCH)/limits: $(BENCH)/limits.o $(COMMON)
	$(link)
$(BENCH)/one: $(BENCH)/peers/one.o $(COMMON)
	$(link)
# For callgrind, which finds functions by their names.
$(BENCH)/many_tasks: $(BENCH)/many_tasks.o $(call objects,$(FUTURES) $(POOL))
	$(link)
$(BENCH)/open_close: $(BENCH)/open_close.o $(call objects,$(POOL))
	$(link)
$(BENCH)/one_task: $(BENCH)/one_task.o $(call objects,$(FUTURES) $(POOL))
	$(link)
# For Python, which calls the same loops.
$(BENCH)/libspin.so: tests/bench/spin.c
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(FLAGS) -fPIC -shared -o $@ $<

# If the library is not installed, the program is not built, and bench.py says so.
if_have = @bash tests/bench/deps.sh have $(@F) || exit 0;
with = $(if_have)$(if $(V),set -x,printf '  %-4s %s\n' LINK '$(patsubst $(BUILD)/%,%,$@)') &&
$(BENCH)/glib: tests/bench/peers/glib.c $(HARNESS)
	$(with) $(CC) $(FLAGS) -D_GNU_SOURCE $(LDFLAGS) -o $@ $^ \
	    $$(pkg-config --cflags glib-2.0 | sed 's/-I/-isystem /g') $$(pkg-config --libs glib-2.0)
$(BENCH)/uv: tests/bench/peers/uv.c $(HARNESS)
	$(with) $(CC) $(FLAGS) -D_GNU_SOURCE $(LDFLAGS) -o $@ $^ $$(pkg-config --cflags --libs libuv)
$(BENCH)/tbb: tests/bench/peers/tbb.cpp $(HARNESS)
	$(with) $(CXX) -std=c++17 -Wall -Wextra $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ \
	    $$(pkg-config --cflags --libs tbb)
$(BENCH)/taskflow: tests/bench/peers/taskflow.cpp $(HARNESS)
	$(with) $(CXX) -std=c++17 -Wall -Wextra $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ -pthread
# The compiler decides which library it is.
$(BENCH)/openmp-gcc: tests/bench/peers/openmp.c $(HARNESS)
	$(with) gcc $(FLAGS) -fopenmp $(LDFLAGS) -o $@ $^
$(BENCH)/openmp-clang: tests/bench/peers/openmp.c $(HARNESS)
	$(with) clang $(FLAGS) -fopenmp $(LDFLAGS) -o $@ $^

-include $(wildcard $(BENCH)/*.d $(BENCH)/peers/*.d)
