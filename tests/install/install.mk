# install.mk: the pool as a library for other programs. Included by the top Makefile.

PREFIX ?= /usr/local
DESTDIR ?=
one_word = $(if $(word 2,$1),,$1)
override PREFIX := $(if $(call one_word,$(PREFIX)),$(patsubst %/,%,$(PREFIX:%//=%)),$(PREFIX))
# The files that find the library are to hold a whole path, and can't quote these characters.
hash := \#
fit_prefix = $(if $(and $(PREFIX)$(DESTDIR),$(filter /%,$(firstword $(PREFIX)/)),$(if $(findstring $(hash),$(PREFIX))$(findstring \
	",$(PREFIX)),,yes)),,$(error PREFIX must begin with / and have no $(hash) or ": it is '$(PREFIX)'))
OBJCOPY ?= objcopy
LIBRARY := $(BUILD)/lib
HEADERS := 03_pool/pool.h 03_pool/pool_options.h 03_pool/task.h 03_pool/program.h 04_futures/future.h 06_errors/error.h 06_errors/crash.h
# The first number is the soname's. It must change when programs would have to be linked again.
LIBRARY_VERSION := 1.0
SONAME := libprocesspool.so.1
STATIC := $(LIBRARY)/libprocesspool.a
SHARED := $(LIBRARY)/libprocesspool.so.$(LIBRARY_VERSION)
LIBRARY_OBJECTS := $(addprefix $(LIBRARY)/,$(POOL) $(FUTURES) $(ERRORS))

# Both libraries export the functions of the public headers and no other names, since a program may
# have a clock_now() of its own.
$(LIBRARY)/names: $(HEADERS)
	@mkdir -p $(@D)
	@cat $^ | awk '{ sub(/^__attribute__\(\(.*\)\) /, "") } \
	    /^(typedef|static|extern)/ { next } \
	    /^[a-z][^(]*\(/ { sub(/\(.*/, ""); sub(/.*[ *]/, ""); print }' | LC_ALL=C sort >$@
$(LIBRARY)/exports: $(LIBRARY)/names
	@{ echo '{ global:'; sed 's/$$/;/' $<; echo 'local: *; };'; } >$@

$(LIBRARY)/%.o: INCLUDES = -I03_pool -I03_pool/inside -I04_futures
$(LIBRARY)/%.o: %.c | $(BUILD)/compiles
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(FLAGS) -fno-lto -fPIC -MMD -MP -MT '$$(LIBRARY)/$*.o' -c -o $@ $<

$(STATIC): $(LIBRARY_OBJECTS) $(LIBRARY)/names
	$(call say,AR,$@)$(combine) $(@:.a=.o) $(LIBRARY_OBJECTS) && \
	    $(OBJCOPY) --keep-global-symbols=$(LIBRARY)/names $(@:.a=.o) && \
	    rm -f $@ && $(AR) rcs $@ $(@:.a=.o)
$(SHARED): $(LIBRARY_OBJECTS) $(LIBRARY)/exports
	$(call say,LINK,$@)$(CC) $(CFLAGS) -fno-lto -shared -Wl,-soname,$(SONAME) -Wl,-z,now \
	    -Wl,--version-script=$(LIBRARY)/exports $(LDFLAGS) -o $@ $(LIBRARY_OBJECTS) $(LDLIBS) -pthread

# The loader looks for libraries below /usr, and on most systems below /usr/local; for any other
# place, programs need an rpath.
SYSTEM_PREFIX = $(filter /usr /usr/local,$(call one_word,$(PREFIX)))
RPATH = $(if $(filter /usr,$(SYSTEM_PREFIX)),,-Wl,-rpath,"$${libdir}" )
installed = $(call quote,$(DESTDIR)$(PREFIX)/$1)
# The loader uses an index of the system's library directories, which ldconfig updates.
index = @[ -n $(call quote,$(DESTDIR)) ] || [ -z '$(SYSTEM_PREFIX)' ] || \
	[ "$$(id -u)" -ne 0 ] || ! command -v ldconfig >/dev/null || ldconfig
fill_in = sed 's|@VERSION@|$(LIBRARY_VERSION)|; s|@RPATH@|$(RPATH)|' tests/install/$1.in
all_of_it := share/man share lib include ''
MAN := $(BUILD)/man/man3
# Our pages say so in their first line. A page of one line, .so man3/FILE, is ours if that file is.
remove_man = ours=$$(for page in *.3; do target=$$(sed -n '1s,^\.so man3/,,p' "$$page"); \
	head -n 1 "$${target:-$$page}" | grep -q '^\.TH .*"processpool"' && echo "$$page"; done \
	2>/dev/null); [ -z "$$ours" ] || rm -f $$ours
put = umask 022 && mkdir -p $(call installed,$2) && install -m $1 $3 $(call installed,$2)

.PHONY: install uninstall
install: $(STATIC) $(SHARED) ## the pool for your own programs: PREFIX=$HOME/.local
	@$(fit_prefix):
	$(call put,644,lib,$(STATIC))
	$(call put,755,lib,$(SHARED))
	ln -sf $(notdir $(SHARED)) $(call installed,lib/$(SONAME))
	ln -sf $(SONAME) $(call installed,lib/libprocesspool.so)
	$(call put,644,include/processpool,$(HEADERS))
	@{ printf 'prefix=%s\n' $(call quote,$(PREFIX)); $(call fill_in,processpool.pc); } \
	    >$(LIBRARY)/processpool.pc
	$(call put,644,lib/pkgconfig,$(LIBRARY)/processpool.pc)
	@$(call fill_in,processpool-config-version.cmake) >$(LIBRARY)/processpool-config-version.cmake
	$(call put,644,lib/cmake/processpool,tests/install/processpool-config.cmake \
	    $(LIBRARY)/processpool-config-version.cmake)
	$(if $(wildcard $(MAN)),$(call put,644,share/man/man3,$(MAN)/*))
	$(index)
# Also removes directories that are then empty, except those that every system has.
uninstall: ## remove what make install has installed
	@$(fit_prefix):
	rm -f $(foreach file,libprocesspool.a $(notdir $(SHARED)) $(SONAME) libprocesspool.so \
	    pkgconfig/processpool.pc,$(call installed,lib/$(file)))
	rm -rf $(call installed,include/processpool) $(call installed,lib/cmake/processpool)
	@[ ! -d $(call installed,share/man/man3) ] || (cd $(call installed,share/man/man3) && { $(remove_man); })
	@for directory in lib/pkgconfig lib/cmake share/man/man3 \
	    $(if $(DESTDIR),$(all_of_it),$(if $(SYSTEM_PREFIX),,$(all_of_it))); do \
	    rmdir $(call installed,)"$$directory" 2>/dev/null; done; :
	$(index)

# One page for each header and each struct of options; the page of a function shows its header's.
.PHONY: man
man: ## man pages of the headers, for make install (needs doxygen)
	@mkdir -p $(BUILD)
	@rm -rf $(MAN)
	(cat tests/text/Doxyfile; echo 'INPUT = $(HEADERS)'; echo 'OUTPUT_DIRECTORY = $(BUILD)') | doxygen -
	@cd $(MAN) && for page in *; do \
	    case $$page in *.h.3|pool_*|task_*|batch_*|future_*|completions_*|crash_*|map_options.3) ;; \
	    *) rm $$page ;; esac; done

# All files of the repository; without git, all files except what was built and editors' backups.
DIST := processpool-$(LIBRARY_VERSION)
.PHONY: dist
dist: ## the sources as a tarball: build/processpool-1.0.tar.gz
	@mkdir -p $(BUILD)
	@{ git ls-files 2>/dev/null | grep . || find . -type f ! -path './.git/*' ! -path './$(BUILD)/*' \
	    ! -name '*~' | sed 's,^\./,,'; } | LC_ALL=C sort >$(BUILD)/$(DIST).list
	tar -czf $(BUILD)/$(DIST).tar.gz --owner=0 --group=0 --numeric-owner \
	    --transform='s,^,$(DIST)/,' -T $(BUILD)/$(DIST).list

CHECKS += check-install
.PHONY: check-install
check-install: $(STATIC) $(SHARED) ## use the library from C++, CMake and Python (needs g++, cmake, python3, doxygen)
	bash tests/install/check.sh "$(MAKE)" $(BUILD)

-include $(wildcard $(LIBRARY)/0*/*.d $(LIBRARY)/0*/*/*.d)
