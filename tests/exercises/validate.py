"""validate.py DIRECTORY CLASSROOM_YML: what grading has written, against what the services document.
validate.py RESULTS_JSON: Gradescope's alone.

DIRECTORY has grade.json (Gradescope's results.json), grade.xml (JUnit), text (the output, whose last
line is Autolab's), class.csv. Ends with 1 and a sentence if something is not as it should be.

What the services document was read in: gradescope-autograders.readthedocs.io, "Autograder
Specifications"; autolab/Autolab, docs/lab.md; the READMEs of classroom-resources/autograding-command-grader
and autograding-grading-reporter.
"""

import csv
import json
import re
import sys
import xml.etree.ElementTree as tree

# Gradescope's documentation of results.json: each key and its types.
RESULTS = {
    "score": (int, float), "execution_time": (int,), "output": (str,), "output_format": (str,),
    "test_output_format": (str,), "test_name_format": (str,), "visibility": (str,),
    "stdout_visibility": (str,), "extra_data": (dict,), "tests": (list,), "leaderboard": (list,),
}
TEST = {
    "score": (int, float), "max_score": (int, float), "status": (str,), "name": (str,),
    "name_format": (str,), "number": (str,), "output": (str,), "output_format": (str,),
    "tags": (list,), "visibility": (str,), "extra_data": (dict,),
}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
VISIBILITY = {"visible", "hidden", "after_due_date", "after_published"}

# The inputs of Classroom's command grader.
GRADER_INPUTS = {"test-name", "setup-command", "command", "timeout", "max-score"}


def check(good, sentence):
    if not good:
        sys.exit("validate.py: " + sentence)


def check_keys(what, keys, name):
    for key, value in what.items():
        check(key in keys, f"{name} has an unknown key {key}")
        check(isinstance(value, keys[key]) and not isinstance(value, bool),
              f"{name}: {key} is {value!r}")


def printable(text, name):
    check(re.fullmatch(r"[ -~\n]*", text), f"{name} holds something that is not printable ASCII")


def gradescope(path):
    text = open(path, "rb").read().decode("ascii")
    printable(text, path)
    results = json.loads(text)
    check_keys(results, RESULTS, path)
    check(results["tests"], "no tests")
    for key in ("visibility", "stdout_visibility"):
        check(results.get(key, "visible") in VISIBILITY, key)
    for test in results["tests"]:
        check_keys(test, TEST, test["name"])
        check(test["status"] in ("passed", "failed"), f"status {test['status']}")
        check(test.get("output_format", "text") in FORMATS, "output_format")
        check(0 <= test["score"] <= test["max_score"], f"{test['name']}: score")
    total = sum(test["score"] for test in results["tests"])
    check(abs(total - results["score"]) < 1e-3, "the score is not the sum of the tests'")
    return [test["name"] for test in results["tests"]]


def junit(path, names):
    printable(open(path, "rb").read().decode("ascii"), path)
    suite = tree.parse(path).getroot()
    check(suite.tag == "testsuite", "the root is no testsuite")
    cases = suite.findall("testcase")
    check([case.get("name").split()[1] for case in cases] == names, "testcases")
    for attribute, found in (("tests", cases), ("failures", suite.findall("testcase/failure")),
                             ("errors", suite.findall("testcase/error"))):
        check(int(suite.get(attribute)) == len(found), f"{attribute} is not {len(found)}")
    for case in cases:
        check(float(case.get("time")) >= 0 and case.get("classname"), "a testcase's attributes")


def autolab(path, names):
    last = open(path, encoding="ascii").read().rstrip("\n").split("\n")[-1]
    scores = json.loads(last)["scores"]
    check(list(scores) == names, "Autolab's problems are not the exercises")
    check(all(isinstance(score, (int, float)) for score in scores.values()), "a score")


def table(path, names):
    rows = list(csv.reader(open(path, newline="", encoding="utf-8", errors="surrogateescape"),
                           strict=True))
    check([title.split("_", 1)[1] for title in rows[0][7:]] == names, "the table's titles")
    for row in rows:
        check(len(row) == len(rows[0]), f"a row has {len(row)} cells")


def classroom(path, names):
    text = open(path, encoding="ascii").read()
    # Handwritten workflows have to have this name, and one job, of this name.
    check(re.search(r"^name: Autograding Tests$", text, re.M), "the workflow's name")
    jobs = text.split("\njobs:\n")[1]
    check(re.findall(r"^  ([\w-]+):", jobs, re.M) == ["run-autograding-tests"], "its one job")
    for step in jobs.split("- name: ")[1:]:
        if "autograding-command-grader@" in step:
            given = set(re.findall(r"^          ([\w-]+):", step, re.M))
            check({"test-name", "command"} <= given <= GRADER_INPUTS, f"inputs {given}")
            check(0 < int(re.search(r"timeout: (\d+)", step).group(1)) <= 360, "minutes")
            check(float(re.search(r"max-score: (\d+)", step).group(1)) > 0, "points")
    runners = re.search(r"^ *runners: (.*)$", text, re.M).group(1).split(",")
    ids = re.findall(r"^ *id: (.*)$", text, re.M)
    check(runners == ids and len(set(ids)) == len(names), "runners are not the steps")
    for number, name in enumerate(names, 1):
        check(f"id: exercise-{number:02}\n" in text and f"make exercise-{number:02}\n" in text
              and f"Exercise {number:02} {name}\n" in text, f"{name} is not in {path}")
        check(f"EXERCISE-{number:02}_RESULTS: \"${{{{steps.exercise-{number:02}.outputs.result}}}}\""
              in text, f"the result of {name}")


def main():
    if len(sys.argv) == 2:
        gradescope(sys.argv[1])
        return
    directory, workflow = sys.argv[1:]
    names = gradescope(f"{directory}/grade.json")
    junit(f"{directory}/grade.xml", names)
    autolab(f"{directory}/text", names)
    table(f"{directory}/class.csv", names)
    classroom(workflow, names)


main()
