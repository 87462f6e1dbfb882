#!/usr/bin/env bash
# gradescope_setup.sh: setup.sh of a Gradescope autograder. Zip it as setup.sh, with
# gradescope_run.sh as run_autograder and this repository, solutions and all, as processes/:
#     bash tests/exercises/services/gradescope_zip.sh autograder.zip
set -eu
apt-get update -qq
apt-get install -qq -y --no-install-recommends bash binutils gcc libc6-dev make
cp -r /autograder/source/processes /autograder/processes
make -C /autograder/processes -j exercises-built
