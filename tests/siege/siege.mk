# siege.mk: the pool under attack. Included by the top Makefile.

SIEGE := $(BUILD)/tests/siege
SIEGE_PROGRAMS := $(addprefix $(SIEGE)/,regress storm step faulty deaths limits soak misuse)

CHECKS += check-storm check-steps check-faults check-deaths check-limits check-soak \
	check-worlds
BESIDE += model check-tsan

test-programs: $(SIEGE_PROGRAMS)

.PHONY: siege
siege: $(SIEGE_PROGRAMS) ## build the programs that lay siege to the pool

$(SIEGE)/%.o: INCLUDES = -D_GNU_SOURCE -I03_pool -I04_futures -I06_errors
$(SIEGE_PROGRAMS): %: %.o $(SIEGE)/siege.o $(call objects,$(ERRORS) $(FUTURES) $(POOL))
	$(link)
$(SIEGE)/faulty $(SIEGE)/limits $(SIEGE)/misuse: $(SIEGE)/life.o

# SEED=N gives a storm again: the same tasks and calls, though not the same timing.
SEED ?= $(shell date +%s)
STORM_SECONDS ?= 20

.PHONY: check-storm
check-storm: $(SIEGE)/storm ## workers killed hundreds of times a second: nothing is lost
	for workers in 1 2 4 16; do \
	    $< --seed $(SEED) --workers $$workers --seconds $(STORM_SECONDS) || exit; done

.PHONY: check-steps
check-steps: $(SIEGE)/step ## a process of the pool dies after each instruction in turn
	$<

.PHONY: check-faults
check-faults: $(SIEGE)/faulty ## each system call of the pool fails once (needs strace)
	tests/siege/faults.sh $<

.PHONY: check-deaths
check-deaths: $(SIEGE)/deaths ## the program or its foreman dies, at every stage: nobody is left
	$< --seed $(SEED) --rounds 20

.PHONY: check-limits
check-limits: $(SIEGE)/limits ## a pool short of processes, memory, descriptors, disk
	$< --all

SOAK = $< --seed $(SEED) --seconds

.PHONY: soak
soak: $(SIEGE)/soak ## ten minutes of everything (or SECONDS=N): nothing grows
	$(SOAK) $(or $(SECONDS),600)

.PHONY: check-soak
check-soak: $(SIEGE)/soak ## the same for 20 seconds
	$(SOAK) 20

# The warnings of all levels are in check-gcc and check-clang; -O2 is what the tests run with.
.PHONY: check-worlds
check-worlds: ## musl, -O0, -O3 with -flto, aarch64 and riscv64 by qemu (WORLDS=some; FULL=1: all tests)
	tests/siege/worlds.sh "$(MAKE)" $(BUILD) $(WORLDS)

# Workers as threads: see processes.c. What a process has to remember about itself (future.c)
# is here what a thread has to. Without address space randomization, of which not every
# ThreadSanitizer can bear as much as every kernel does.
TSAN := $(BUILD)/tsan
TSAN_FLAGS := -std=c11 -D_GNU_SOURCE -O1 -g -fsanitize=thread -I03_pool -I04_futures -I06_errors
TSAN_SOURCES := $(filter-out 03_pool/foreman.c 04_futures/future.c, \
	$(patsubst %.o,%.c,$(POOL) $(FUTURES) $(ERRORS))) $(wildcard tests/siege/threads/*.c)
NOT_FOR_THREADS := fork handle_get waitpid waitid signal_when_parent_ends _exit
$(TSAN)/threads: $(TSAN_SOURCES) 04_futures/future.c $(wildcard 0*/*.h)
	@mkdir -p $(@D)
	sed 's/^static \(struct future \*current;\)/static _Thread_local \1/w $(TSAN)/changed' \
		04_futures/future.c >$(TSAN)/future.c && test -s $(TSAN)/changed
	$(CC) $(TSAN_FLAGS) $(addprefix -Wl$(comma)--wrap=,$(NOT_FOR_THREADS)) -o $@ \
		$(TSAN_SOURCES) $(TSAN)/future.c -pthread
comma := ,

.PHONY: check-tsan
check-tsan: $(TSAN)/threads ## ThreadSanitizer watches the queue and the futures
	setarch -R $<

.PHONY: check-mutants
check-mutants: ## break the pool in forty-two ways: each must be caught (MUTANTS=regex: some; two minutes)
	tests/siege/mutants.sh "$(MAKE)" $(BUILD) '$(MUTANTS)'

.PHONY: model
model: ## spin explores the protocol exhaustively, and finds the mistakes given to it
	tests/model/run.sh $(BUILD)/tests/model

-include $(wildcard $(SIEGE)/*.d)
