# far.mk: chapter 6 on more machines than one. Included by the top Makefile. No other target
# needs it: it needs libgearman.

FAR := 06_errors/far
FAR_LIBRARY := $(wildcard /usr/include/libgearman/gearman.h /usr/local/include/libgearman/gearman.h)
FAR_PROGRAMS := $(addprefix $(BUILD)/$(FAR)/,node squares ledger checksum measure)
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

.PHONY: far-programs
far-programs: $(FAR_PROGRAMS)

-include $(wildcard $(BUILD)/$(FAR)/*.d)
