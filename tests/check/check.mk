# check.mk: what the test programs share, and the measure of this machine. Included by the top
# Makefile before the makefiles whose programs are linked with these objects.

CHECK_OBJECTS := $(addprefix $(BUILD)/tests/check/,check.o clock.o machine.o proc.o rendezvous.o)

test-programs: $(BUILD)/tests/check/measure

$(BUILD)/tests/check/%.o: INCLUDES = -D_GNU_SOURCE
$(BUILD)/tests/check/measure: $(addprefix $(BUILD)/tests/check/,measure.o machine.o clock.o)
	$(link)

# Runs a program and reports whether it reaped its children.
$(BUILD)/tests/reaps_children.o: INCLUDES = -D_GNU_SOURCE -Itests/check
$(BUILD)/tests/reaps_children: $(call objects,tests/reaps_children.o) $(CHECK_OBJECTS)
	$(link)

.PHONY: measure
measure: $(BUILD)/tests/check/measure ## the speed of this machine: fork, switch, page fault
	@$< --text

# fork() delayed by SLOW_FORK_MS milliseconds (5): see slow_machine.sh.
$(BUILD)/tests/check/slow_fork.so: tests/check/slow_fork.c
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -std=c11 -D_GNU_SOURCE -O2 -fPIC -shared -o $@ $<

-include $(wildcard $(BUILD)/tests/check/*.d)
