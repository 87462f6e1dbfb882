# far.mk: chapter 6 on more machines than one. Included by the top Makefile. No other target
# needs it: it needs libgearman.

FAR := 06_errors/far
FAR_PROGRAMS := $(addprefix $(BUILD)/$(FAR)/,node squares ledger checksum measure) $(BUILD)/tests/far/same_id
FAR_CLIENT := $(addprefix $(FAR)/,far.o answer.o connection.o) $(DEMO)

$(BUILD)/$(FAR)/%.o: INCLUDES = -I03_pool -I04_futures -I06_errors

$(FAR_PROGRAMS): LDLIBS += -lgearman
$(BUILD)/$(FAR)/node: $(call objects,$(FAR)/node.o $(FAR)/work.o 06_errors/sum.o 06_errors/crc.o $(DEMO) $(ERRORS) $(FUTURES) $(POOL))
	$(link)
$(BUILD)/$(FAR)/squares: $(call objects,$(FAR)/squares.o $(FAR_CLIENT))
	$(link)
$(BUILD)/$(FAR)/ledger: $(call objects,$(FAR)/ledger.o $(FAR_CLIENT))
	$(link)
$(BUILD)/$(FAR)/checksum: $(call objects,$(FAR)/checksum.o $(FAR_CLIENT) 06_errors/quote.o 06_errors/sum.o 06_errors/crc.o)
	$(link)
$(BUILD)/$(FAR)/measure: $(call objects,$(FAR)/measure.o $(FAR_CLIENT) $(FAR)/work.o 06_errors/sum.o 06_errors/crc.o $(ERRORS) $(FUTURES) $(POOL))
	$(link)

$(BUILD)/tests/far/%.o: INCLUDES = -I03_pool -I04_futures -I06_errors -I06_errors/far
$(BUILD)/tests/far/same_id: $(call objects,tests/far/same_id.o $(FAR_CLIENT))
	$(link)

.PHONY: far-programs
far-programs: $(FAR_PROGRAMS)
	@:

FAR_NEEDS = echo 'int main(void) { return 0; }' | \
	$(CC) $(CPPFLAGS) $(CFLAGS) -include libgearman/gearman.h -xc - -o /dev/null -lgearman 2>/dev/null
FAR_PACKAGES = gearman-job-server libgearman-dev

.PHONY: far measure-far
far: ## several machines, made of network namespaces, and what happens to them (needs gearman)
measure-far: ## how many tasks a second three of them do beside one pool
far measure-far:
	@$(FAR_NEEDS) && command -v gearmand >/dev/null || \
	    { echo "make $@ needs gearman: apt-get install $(FAR_PACKAGES)" >&2; exit 1; }
	@$(MAKE) --no-print-directory far-programs
	@BUILD="$(BUILD)" exec bash $(FAR)/machines.sh $(FAR)/$(if $(filter far,$@),show,measure).sh

# For `make test`: only with the library, for this compiler.
.PHONY: far-if-possible
test-programs: far-if-possible
far-if-possible: programs
	@if $(FAR_NEEDS); then $(MAKE) --no-print-directory far-programs; fi

-include $(wildcard $(BUILD)/$(FAR)/*.d $(BUILD)/tests/far/*.d)
