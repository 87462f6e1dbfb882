# text.mk: pictures of what the workers do, and what keeps the texts true. Included by the top Makefile.

TIMELINE = sh 05_blocking_mistake/timeline.sh

.PHONY: timeline-03 timeline-05 timeline-06 pictures
timeline-03: $(BUILD)/03_pool/pool_demo ## draw which worker did which task when, in chapter 3
	@$(TIMELINE) $<
timeline-05: $(addprefix $(BUILD)/05_blocking_mistake/,block_mistake block_fixed) ## the same for chapter 5: the mistake, and its cure
	@$(TIMELINE) $< && echo && $(TIMELINE) $(BUILD)/05_blocking_mistake/block_fixed
timeline-06: $(BUILD)/06_errors/crash_example ## the same for chapter 6: tasks that crash
	@$(TIMELINE) -t $< --limit 50
pictures: programs ## draw the pictures of the texts (needs gnuplot and graphviz)
	bash tests/text/pictures.sh $(BUILD) .

# ---- Checks ------------------------------------------------------------------------------

CHECKS += check-text

test-programs: $(BUILD)/tests/text/check_trace

$(BUILD)/tests/text/check_trace: $(call objects,tests/text/check_trace.o)
	$(link)

.PHONY: check-text
check-text: programs test-programs ## check spelling, the texts' Python, pictures and man pages
	bash tests/text/check.sh $(BUILD)

-include $(wildcard $(BUILD)/tests/text/*.d)
