# promises.mk: a program for each promise of the pool. Included by the top Makefile.

PROMISES := $(patsubst tests/promises/%.c,$(BUILD)/tests/promises/%,\
	$(wildcard tests/promises/*.c))

test-programs: $(PROMISES)

.PHONY: promises
promises: $(PROMISES) ## build the programs for the promises of the pool, one each

$(BUILD)/tests/promises/%.o: INCLUDES = -D_GNU_SOURCE -Itests/check -I03_pool -I04_futures -I06_errors
$(PROMISES): %: %.o $(CHECK_OBJECTS) $(call objects,$(ERRORS) $(FUTURES) $(POOL))
	$(link)

-include $(wildcard $(BUILD)/tests/promises/*.d)
