# loops.mk: a pool in the event loops of GLib and libuv. Included by the top Makefile.

LOOPS := $(BUILD)/tests/loops
CHECKS += check-loops

.PHONY: check-loops
check-loops: $(call objects,$(FUTURES) $(POOL)) ## run a pool in the main loops of GLib and libuv (needs libglib2.0-dev, libuv1-dev)
	@mkdir -p $(LOOPS)
	@for loop in glib:glib-2.0 uv:libuv; do \
	    name=$${loop%%:*} library=$${loop##*:}; \
	    pkg-config --exists $$library || \
	        { echo "check-loops needs the package of pkg-config's $$library" >&2; exit 1; }; \
	    $(CC) $(FLAGS) -D_GNU_SOURCE -I03_pool -I04_futures \
	        $$(pkg-config --cflags $$library | sed 's/-I/-isystem /g') -o $(LOOPS)/$$name \
	        tests/loops/$$name.c $(filter %.o,$^) $$(pkg-config --libs $$library) || exit; \
	    printf '%-5s ' $$name && timeout 60 $(LOOPS)/$$name || exit; \
	done
