# autolab.mk: autograde-Makefile of an Autolab lab with a problem for each exercise, named as in
# tests/exercises/list. autograde.tar holds this repository as processes/; the student hands in a
# tar file, handin.tar, of a tree with the exercises' files. The last line of the output is the scores.
all:
	tar xf autograde.tar
	mkdir -p submission
	tar xf handin.tar -C submission --no-same-owner
	$(MAKE) -s -C processes grade DIR=$(CURDIR)/submission AUTOLAB=1

clean:
	rm -rf processes submission
