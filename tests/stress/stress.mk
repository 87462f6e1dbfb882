# stress.mk: the programs that attack the pool. Included by the top Makefile.

STRESS := $(BUILD)/tests/stress
STRESS_PROGRAMS := $(addprefix $(STRESS)/,regress borders cancelled memory traces random_kills kill_each_instruction \
	smoke_test parent_deaths limits soak misuse queue_test order_test)

CHECKS += check-random-kills check-each-instruction check-parent-deaths check-limits check-soak
BESIDE += check-tsan check-each-call check-platforms

test-programs: $(STRESS_PROGRAMS)

.PHONY: stress
stress: $(STRESS_PROGRAMS) $(BUILD)/tests/check/measure ## build the stress programs

$(STRESS)/%.o: INCLUDES = -D_GNU_SOURCE -Itests/check -I03_pool -I03_pool/inside -I04_futures -I06_errors
STRESS_OBJECTS := $(STRESS)/stress.o $(CHECK_OBJECTS) $(call objects,$(ERRORS) $(FUTURES) $(POOL))
$(filter-out %/order_test,$(STRESS_PROGRAMS)): %: %.o $(STRESS_OBJECTS)
	$(link)
# It has an order.c of its own: see there.
$(STRESS)/order_test: %: %.o $(filter-out %/order.o,$(STRESS_OBJECTS))
	$(link)
$(STRESS)/smoke_test $(STRESS)/limits $(STRESS)/misuse: $(STRESS)/smoke.o

# SEED=N repeats a run with the same tasks and calls, but not the same timing.
SEED ?= $(shell date +%s)
# Seconds for each check that can run for any length of time; run_checks.sh sets it.
CHECK_SECONDS ?= 40

.PHONY: check-random-kills
check-random-kills: $(STRESS)/random_kills ## kill workers hundreds of times a second: no task is lost
	for workers in 1 2 4 16; do \
	    $< --seed $(SEED) --workers $$workers --seconds $$(($(CHECK_SECONDS) / 4)) || exit; done

.PHONY: check-each-instruction
check-each-instruction: $(STRESS)/kill_each_instruction ## kill a process of the pool after each instruction in turn
	$<

.PHONY: check-each-call
check-each-call: $(STRESS)/smoke_test ## make each system call of the pool fail once (needs strace)
	bash tests/stress/fail_each_call.sh $<

.PHONY: check-parent-deaths
check-parent-deaths: $(STRESS)/parent_deaths ## kill the program or its foreman, at every stage: no process is left
	$< --seed $(SEED) --rounds 10

.PHONY: check-limits
check-limits: $(STRESS)/limits ## run a pool that is short of processes, memory, descriptors or disk
	$< --all

SOAK = $< --seed $(SEED) --seconds

.PHONY: soak
soak: $(STRESS)/soak ## use pools in every way for ten minutes (or SECONDS=N): nothing grows
	$(SOAK) $(or $(SECONDS),600)

.PHONY: check-soak
check-soak: $(STRESS)/soak ## the same for a short time (CHECK_SECONDS=N)
	$(SOAK) $(CHECK_SECONDS)

# check-gcc and check-clang compile at all levels for their warnings; the tests run with -O2.
.PHONY: check-platforms
check-platforms: ## musl, -O0, -O3 with -flto, aarch64, riscv64, armhf by qemu (PLATFORMS=some; FULL=1: all tests)
	bash tests/stress/platforms.sh "$(MAKE)" $(BUILD) $(PLATFORMS)

# Workers as threads: see processes.c. Variables that run.c has once per process are thread-local
# here. Address space randomization is off: some kernels randomize more bits than some versions of
# ThreadSanitizer support.
TSAN := $(BUILD)/tsan
TSAN_FLAGS := -std=c11 -D_GNU_SOURCE -O1 -g -fsanitize=thread -Itests/check -I03_pool -I03_pool/inside -I04_futures -I06_errors
TSAN_SOURCES := $(filter-out $(addprefix 03_pool/inside/,signals.c crew.c burial.c deadlines.c foreman.c tie.c) \
	04_futures/run.c, \
	$(patsubst %.o,%.c,$(POOL) $(FUTURES) $(ERRORS))) $(wildcard tests/stress/threads/*.c)
NOT_FOR_THREADS := fork handle_get wait_for_child child_descriptor \
	handle_each_open signal_when_parent_ends _exit
$(TSAN)/threads: $(TSAN_SOURCES) 04_futures/run.c $(wildcard 0*/*.h 0*/*/*.h tests/check/*.h)
	@mkdir -p $(@D)
	sed 's/^static \(struct current current;\)/static _Thread_local \1/w $(TSAN)/changed' \
		04_futures/run.c >$(TSAN)/run.c && test -s $(TSAN)/changed
	$(CC) $(TSAN_FLAGS) $(addprefix -Wl$(comma)--wrap=,$(NOT_FOR_THREADS)) -o $@ \
		$(TSAN_SOURCES) $(TSAN)/run.c -pthread
comma := ,

.PHONY: check-tsan
check-tsan: $(TSAN)/threads ## run the queue and the futures under ThreadSanitizer
	setarch -R $<

.PHONY: check-mutants
check-mutants: ## break the pool on purpose in many ways: each must be caught (MUTANTS=regex: some)
	bash tests/stress/mutants.sh "$(MAKE)" $(BUILD) '$(MUTANTS)'

-include $(wildcard $(STRESS)/*.d)
