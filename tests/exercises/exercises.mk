# exercises.mk: build the judges, and the commands of the classroom. Included by the top Makefile.
#
# For each exercise there are two programs, which share nothing: the judge, built here, and the
# learner's, which exercises.sh builds from one file of the learner's and
# $(BUILD)/tests/exercises/NAME/harness.o. That is the harness in one object, whose own names the
# learner's file does not see.

comma := ,
EXERCISE_LIST := $(shell sed -n 's/^\([0-9][0-9]\) \([^ ]*\) \([^ ]*\) .*/\1,\2,\3/p' \
	tests/exercises/list)
EXERCISE_NUMBERS := $(foreach line,$(EXERCISE_LIST),$(firstword $(subst $(comma), ,$(line))))
EXERCISES := $(BUILD)/tests/exercises

# $(call exercise_field,number,field): chapter is 2, name is 3.
exercise_field = $(word $2,$(subst $(comma), ,$(filter $1$(comma)%,$(EXERCISE_LIST))))

JUDGE := $(addprefix $(EXERCISES)/engine/,judge.o scene.o session.o request.o output.o watch.o \
	tidy.o sandbox.o creations.o landlock.o namespaces.o places.o identity.o procfs.o filter.o)
DRIVER := $(addprefix $(EXERCISES)/engine/,driver.o filter.o)
CONFINE := $(addprefix $(EXERCISES)/engine/,confine.o landlock.o namespaces.o places.o identity.o \
	procfs.o filter.o)
OBJCOPY ?= objcopy

# What an exercise's program is linked with, beside the harness: EXERCISE_LINKS_name. Most need
# nothing but the system.
EXERCISE_LINKS_as_completed = $(FUTURES) $(POOL)
EXERCISE_LINKS_submit_first = $(FUTURES) $(POOL)

# Parts of a judge, beside its judge.c.
EXERCISE_JUDGE_collect = records.o stuck.o

# $(call exercise_rules,number,chapter,name)
define exercise_rules
$(EXERCISES)/$3/%.o: INCLUDES = -D_GNU_SOURCE -Itests/exercises/engine -I$2/exercises/$3 \
	-I03_pool -I04_futures -I06_errors
$(EXERCISES)/$3/judge: $(addprefix $(EXERCISES)/$3/,judge.o $(EXERCISE_JUDGE_$3)) $(JUDGE)
	$$(link)
$(EXERCISES)/$3/harness.o: $(EXERCISES)/$3/driver.o $(DRIVER) $(call objects,$(EXERCISE_LINKS_$3))
	$$(call say,LD,$$@)$(combine) $$@.all $$^ && $(OBJCOPY) -w -L 'driver_*' -L 'filter_*' \
		$$@.all $$@ && rm $$@.all
exercise-built-$1: $(EXERCISES)/$3/judge $(EXERCISES)/$3/harness.o $(EXERCISE_TOOLS)
EXERCISES_BUILT += $(EXERCISES)/$3/judge $(EXERCISES)/$3/harness.o
endef
EXERCISE_TOOLS := $(EXERCISES)/engine/confine $(EXERCISES)/engine/look
EXERCISES_BUILT := $(EXERCISE_TOOLS)
$(EXERCISES)/engine/confine: $(CONFINE)
	$(link)
$(EXERCISES)/engine/look: $(EXERCISES)/engine/look.o
	$(link)
$(EXERCISES)/engine/%.o: INCLUDES = -D_GNU_SOURCE
$(foreach n,$(EXERCISE_NUMBERS),$(eval $(call exercise_rules,$n,$(call \
	exercise_field,$n,2),$(call exercise_field,$n,3))))

# What make hands on is handed on in the environment, word for word: no name of a directory is
# ever read by a shell. DIR and DIRS count when they are given on the command line; what the shell
# has exported under these names is not for us.
given = $(if $(filter command,$(firstword $(origin $1))),$(value $1))
export EXERCISES_TREES := $(call given,DIRS)
export EXERCISES_TREE := $(if $(filter command,$(firstword $(origin DIR))),$(if \
	$(value DIR),$(value DIR),/nowhere: DIR is empty),.)
export ROSTER := $(call given,ROSTER)
export WEIGHTS := $(call given,WEIGHTS)
export HANDOUT := $(call given,TO)
export JUDGE_SEED :=
exercises_env = BUILD=$(BUILD) $(foreach name,CC CPPFLAGS CFLAGS LDFLAGS LDLIBS,$(name)=$(call \
	quote,$($(name)))) $(foreach name,SEED JOBS FRESH AUTOLAB PERCENT,$(name)=$(call \
	quote,$(call given,$(name))))
exercises_sh = @$(exercises_env) bash tests/exercises/exercises.sh
grade_sh = @$(exercises_env) bash tests/exercises/grade.sh

# A verdict other than PASSED is no broken build: make is to end with a status, and not with a line
# "Error 1". With -q make does just that for status 1, and runs only lines with a +. Those call make
# again, without -q, to build. For status 2, NOT JUDGED, the recipe leaves a note under make's process
# id; with that note, the target behind ends make with a sentence, which gives status 2, too.
VERDICTS := $(foreach n,$(EXERCISE_NUMBERS),exercise-$n exercise-$(patsubst 0%,%,$n)) grade
ifneq ($(filter $(VERDICTS),$(MAKECMDGOALS)),)
ifeq ($(filter-out $(VERDICTS),$(MAKECMDGOALS)),)
MAKEFLAGS += -q
endif
endif
not_judged = $(BUILD)/exercises/not-judged.$$PPID
# $(call verdict,targets to build,script and its arguments)
verdict = +@flags="$$MAKEFLAGS"; case "$${flags%% *}" in -*|*=*) ;; *q*) \
	MAKEFLAGS=$$(printf '%s' "$${flags%% *}" | tr -d q)$$(printf '%s' "$$flags" | \
	sed -n 's/^[^ ]* / /p');; esac; export MAKEFLAGS; \
	$(MAKE) -s --no-print-directory $1 || exit; $(exercises_env) bash tests/exercises/$2; \
	status=$$?; [ $$status -ne 2 ] || { mkdir -p $(BUILD)/exercises && : >$(not_judged); exit 0; }; \
	exit $$status
stop_if_not_judged = $(if $(shell rm $(not_judged) 2>/dev/null && echo yes),$(error \
	NOT JUDGED: see above))

.PHONY: exercises exercise-NN hint-NN reset-NN solution-NN watch grade grade-class similar \
	handout new-exercise exercises-built
exercises: $(EXERCISES_BUILT) ## the board of exercises: what is done, what is next
	$(exercises_sh) board
exercise-NN: ## build and judge exercise NN, 1 to 12: make exercise-1 (SEED=n: numbers as before)
	@echo "Which one? make exercise-1 ... exercise-$(lastword $(EXERCISE_NUMBERS))"; exit 2
watch: $(EXERCISES_BUILT) ## judge an exercise each time its file is saved
	$(exercises_sh) watch
hint-NN: ## the next of three hints for exercise NN: make hint-1
	@echo "Which one? make hint-1 ... hint-$(lastword $(EXERCISE_NUMBERS))"; exit 2
reset-NN: ## begin exercise NN again; what you wrote is kept beside it: make reset-1
	@echo "Which one? make reset-1 ... reset-$(lastword $(EXERCISE_NUMBERS))"; exit 2
solution-NN: ## where the solution of exercise NN is: make solution-1
	@echo "Which one? make solution-1 ... solution-$(lastword $(EXERCISE_NUMBERS))"; exit 2
exercises-built: $(EXERCISES_BUILT)

# $(call commands,number,number as it was typed)
define exercise_commands
.PHONY: $(foreach command,exercise hint reset solution,$(command)-$2)
judged-$2:
	$$(call verdict,exercise-built-$1,exercises.sh one $1)
exercise-$2: judged-$2
	@$$(stop_if_not_judged)
hint-$2:
	$$(exercises_sh) hint $1
reset-$2:
	$$(exercises_sh) reset $1
solution-$2:
	$$(exercises_sh) solution $1
endef
$(foreach n,$(EXERCISE_NUMBERS),$(eval $(call exercise_commands,$n,$n)))
$(foreach n,$(filter 0%,$(EXERCISE_NUMBERS)),$(eval $(call \
	exercise_commands,$n,$(patsubst 0%,%,$n))))
.PHONY: $(addprefix exercise-built-,$(EXERCISE_NUMBERS))

judged-all:
	$(call verdict,exercises-built,grade.sh grade)
grade: judged-all ## grade all exercises (DIR=path: another tree's); build/grade.json, grade.xml
	@$(stop_if_not_judged)
grade-class: $(EXERCISES_BUILT) ## grade many trees: DIRS="a b c" or ROSTER=file; build/class.csv, class/feedback
	$(grade_sh) class
similar: $(EXERCISE_TOOLS) ## which trees of a class have nearly the same files: DIRS or ROSTER
	@$(exercises_env) bash tests/exercises/similar.sh
handout: ## a tree for students, without the solutions: make handout TO=path
	@bash tests/exercises/handout.sh
new-exercise: ## the skeleton of a new exercise: make new-exercise NAME=x CHAPTER=02_fork_split
	@bash tests/exercises/new_exercise.sh $(call quote,$(NAME)) $(call quote,$(CHAPTER))

# ---- Check -------------------------------------------------------------------------------

CHECKS += check-exercises check-exercises-asan check-exercises-busy

.PHONY: check-exercises check-exercises-asan check-exercises-busy
check-exercises: $(EXERCISES_BUILT) ## every starter, solution, wrong solution and hostile program
	$(exercises_env) bash tests/exercises/matrix.sh starters solutions right wrong hostile

check-exercises-asan: ## every exercise's solution under sanitizers
	$(MAKE) --no-print-directory BUILD=$(BUILD)/asan exercises-solutions \
		CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all'

exercises-solutions: $(EXERCISES_BUILT)
	$(exercises_env) bash tests/exercises/matrix.sh solutions

check-exercises-busy: $(EXERCISES_BUILT) ## every solution ten times, beside two busy loops
	$(exercises_env) bash tests/exercises/busy.sh

test-programs: $(EXERCISES_BUILT)

-include $(wildcard $(EXERCISES)/*/*.d)
