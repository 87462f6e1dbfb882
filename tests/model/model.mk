# model.mk: the protocol, explored to its last state. Included by the top Makefile.

BESIDE += model

MODEL := $(BUILD)/tests/model

.PHONY: model
model: ## explore every state of the protocol with spin, and find the mistakes given to it
	bash tests/model/run.sh $(MODEL)

# The queue's own source, with a smaller first ring, and without assertions, whose loads would count
# as operations of the queue.
QUEUE_SOURCES := 03_pool/inside/queue.c $(wildcard 03_pool/inside/*.h 03_pool/*.h)
$(MODEL)/explore_queue: tests/model/explore_queue.c tests/model/interleave/stdatomic.h \
		$(QUEUE_SOURCES) \
		$(call objects,$(addprefix 03_pool/inside/,arena.o array.o linux_memory.o linux_proc.o))
	@mkdir -p $(@D)
	sed 's/^\(#define FIRST_RING\) .*/\1 ((size_t)2)/w $(@D)/changed' \
		03_pool/inside/queue.c >$(@D)/queue.c && test -s $(@D)/changed
	$(call say,LINK,$@)$(CC) -std=c11 -D_GNU_SOURCE -DNDEBUG -O2 -g -Wall -Itests/model/interleave \
		-I03_pool/inside -I03_pool -o $@ $< $(@D)/queue.c $(filter %.o,$^)

.PHONY: check-queue
check-queue: $(MODEL)/explore_queue ## run the queue's own code in every interleaving, with a death (x86-64)
	$<
ifeq ($(shell uname -m),x86_64)
BESIDE += check-queue
endif
