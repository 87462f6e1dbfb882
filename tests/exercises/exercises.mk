# exercises.mk: build the judges, and the commands of the classroom. Included by the top Makefile.
#
# For each exercise there are two programs, which share nothing: the judge, built here, and the
# learner's, which exercises.sh builds from one file of the learner's and the objects listed in
# $(BUILD)/tests/exercises/NAME/objects.

comma := ,
EXERCISE_LIST := $(shell sed -n 's/^\([0-9][0-9]\) \([^ ]*\) \([^ ]*\) .*/\1,\2,\3/p' \
	tests/exercises/list)
EXERCISE_NUMBERS := $(foreach line,$(EXERCISE_LIST),$(firstword $(subst $(comma), ,$(line))))
EXERCISES := $(BUILD)/tests/exercises

# $(call exercise_field,number,field): chapter is 2, name is 3.
exercise_field = $(word $2,$(subst $(comma), ,$(filter $1$(comma)%,$(EXERCISE_LIST))))

JUDGE := $(addprefix $(EXERCISES)/engine/,judge.o session.o sandbox.o procfs.o filter.o)
DRIVER := $(addprefix $(EXERCISES)/engine/,driver.o filter.o)

# What an exercise's program is linked with, beside the harness: EXERCISE_LINKS_name. Most need
# nothing but the system.
EXERCISE_LINKS_as_completed = $(FUTURES) $(POOL)
EXERCISE_LINKS_submit_first = $(FUTURES) $(POOL)

# $(call exercise_rules,number,chapter,name)
define exercise_rules
$(EXERCISES)/$3/%.o: INCLUDES = -D_GNU_SOURCE -Itests/exercises/engine -I$2/exercises/$3 \
	-I03_pool -I04_futures -I06_errors
$(EXERCISES)/$3/judge: $(EXERCISES)/$3/judge.o $(JUDGE)
	$$(link)
$(EXERCISES)/$3/objects: $(EXERCISES)/$3/driver.o $(DRIVER) $(call objects,$(EXERCISE_LINKS_$3))
	@echo $$^ >$$@
exercise-$1: $(EXERCISES)/$3/judge $(EXERCISES)/$3/objects
EXERCISES_BUILT += $(EXERCISES)/$3/judge $(EXERCISES)/$3/objects
endef
$(EXERCISES)/engine/%.o: INCLUDES = -D_GNU_SOURCE
$(foreach n,$(EXERCISE_NUMBERS),$(eval $(call exercise_rules,$n,$(call \
	exercise_field,$n,2),$(call exercise_field,$n,3))))

# DIR: the tree whose solutions are graded. Everything else is always this tree's own.
DIR ?= .
DIRS ?=
exercises_env = BUILD='$(BUILD)' CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' CFLAGS='$(CFLAGS)' \
	LDFLAGS='$(LDFLAGS)' LDLIBS='$(LDLIBS)'
exercises_sh = @$(exercises_env) DIR=$(call quote,$(DIR)) bash tests/exercises/exercises.sh

.PHONY: exercises exercise-NN hint-NN reset-NN solution-NN grade grade-class new-exercise
exercises: $(EXERCISES_BUILT) ## the board of exercises: what is done, what is next
	$(exercises_sh) board
exercise-NN: ## build and grade exercise NN, 01 to 12: make exercise-01
	@echo "Which one? make exercise-01 ... exercise-$(lastword $(EXERCISE_NUMBERS))"; exit 2
hint-NN: ## the next of three hints for exercise NN: make hint-01
	@echo "Which one? make hint-01 ... hint-$(lastword $(EXERCISE_NUMBERS))"; exit 2
reset-NN: ## begin exercise NN again; what you wrote is kept beside it: make reset-01
	@echo "Which one? make reset-01 ... reset-$(lastword $(EXERCISE_NUMBERS))"; exit 2
solution-NN: ## where the solution of exercise NN is: make solution-01
	@echo "Which one? make solution-01 ... solution-$(lastword $(EXERCISE_NUMBERS))"; exit 2

.PHONY: $(foreach command,exercise hint reset solution,$(addprefix $(command)-,$(EXERCISE_NUMBERS)))
$(addprefix exercise-,$(EXERCISE_NUMBERS)): exercise-%:
	$(exercises_sh) one $*
$(addprefix hint-,$(EXERCISE_NUMBERS)): hint-%:
	$(exercises_sh) hint $*
$(addprefix reset-,$(EXERCISE_NUMBERS)): reset-%:
	$(exercises_sh) reset $*
$(addprefix solution-,$(EXERCISE_NUMBERS)): solution-%:
	$(exercises_sh) solution $*

grade: $(EXERCISES_BUILT) ## grade all exercises (DIR=path: another tree's); build/grade.json, grade.xml
	$(exercises_sh) grade
grade-class: $(EXERCISES_BUILT) ## grade several trees: make grade-class DIRS="a b c"; build/class.csv
	$(exercises_sh) class $(DIRS)
new-exercise: ## the skeleton of a new exercise: make new-exercise NAME=x CHAPTER=02_fork_split
	@bash tests/exercises/new_exercise.sh '$(NAME)' '$(CHAPTER)'

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
