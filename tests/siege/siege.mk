# siege.mk: the pool under attack. Included by the top Makefile.

SIEGE := $(BUILD)/tests/siege
SIEGE_PROGRAMS := $(patsubst %,$(SIEGE)/%,regress storm step)
SIEGE_FLAGS = -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror \
	-D_GNU_SOURCE -I03_pool -I04_futures -I06_errors -Itests/siege
# The pool and the futures, all their parts; not what the demos share.
SIEGE_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,\
	$(filter-out %/demo.c %_demo.c %/smallest_pool.c,\
	$(wildcard 03_pool/*.c 04_futures/*.c)) 06_errors/error.c)

.PHONY: siege
siege: $(SIEGE_PROGRAMS) ## build the programs that lay siege to the pool

CHECKS += check-storm check-steps

# SEED=N gives a storm again: the same tasks and calls, though not the same timing.
SEED ?= $(shell date +%s)
STORM_SECONDS ?= 20

.PHONY: check-storm check-steps
check-storm: $(SIEGE)/storm ## workers killed hundreds of times a second: nothing lost
	for workers in 1 2 4 16; do \
	    $< --seed $(SEED) --workers $$workers --seconds $(STORM_SECONDS) || exit; done

check-steps: $(SIEGE)/step ## a process of the pool dies after each instruction in turn
	$<

$(SIEGE)/%.o: tests/siege/%.c
	@mkdir -p $(@D)
	$(CC) $(SIEGE_FLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(SIEGE_PROGRAMS): $(SIEGE)/%: $(SIEGE)/%.o $(SIEGE)/siege.o $(SIEGE_OBJECTS)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lm $(LDLIBS)

# Without lazy binding: it would only add a thousand instructions to die after.
$(SIEGE)/step: LDFLAGS += -Wl,-z,now

.SECONDARY: $(SIEGE_PROGRAMS:=.o) $(SIEGE)/siege.o
-include $(wildcard $(SIEGE)/*.d)
