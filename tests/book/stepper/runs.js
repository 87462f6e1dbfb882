/*
 * runs.js: the machines in the order of the chapter, their switches, and recorded runs.
 *
 * A switch is a mistake that the code does not make. A run is a list of [steps, what to look
 * at]; how steps are written down, machine.js says (spell_out). A run ends with the promise
 * that it breaks, or with null if all is well.
 */
"use strict";

var Runs = (function () {
    const node = typeof require !== "undefined";
    const stairs = node ? require("./stair_steps.js") : Stairs;
    const pool = node ? require("./pool_steps.js") : Pool;

    const HANG = "no process waits for ever";
    const TWICE = "a task begins once";
    const ENDS = "a task ends once";
    const NAMED = "every task is done, or named as lost";

    /* What the model in tests/model calls the mistake; absent: it has not got it. */
    const pool_switches = [
        { id: "look_then_write", label: "looks, then writes: no swap of the task's word" },
        { id: "note_late", model: "NOTE_LATE", label: "notes the task after taking it" },
        { id: "two_words", model: "TWO_WORDS", label: "two words instead of one" },
        { id: "look_first", model: "LOOK_FIRST", label: "looks before it says that it is idle" },
        { id: "ring_first", model: "RING_FIRST",
          label: "clears the idle bit after the wake, not before" },
        { id: "ring_once", model: "RING_ONCE", label: "rings the program's bell only once" },
        { id: "no_repair", model: "NO_REPAIR", label: "no wake-up after a death" },
        { id: "finish_blindly", model: "FINISH_BLINDLY",
          label: "writes done although the pool is broken" },
    ];

    const machines = [
        { id: "pipe", machine: stairs.pipe, switches: [], title: "The pipe",
          about: "The queue is a pipe, which here has room for one task." },
        { id: "locked", machine: stairs.locked, title: "The lock", legend: "Switch",
          about: "The queue is an array in shared memory. A lock guards its head and tail.",
          switches: [{ id: "robust", label: "a robust lock" }] },
        { id: "wrong", machine: stairs.wrong, title: "Two wrong ways to take a task",
          legend: "Switch",
          about: "The same array, and no lock. All tasks wait from the beginning.",
          switches: [{ id: "swap_the_head", label: "swaps the head (else: looks, then writes)" }] },
        { id: "swapped", machine: stairs.swapped, switches: [], title: "The swapped word",
          about: "A worker takes a task by swapping the task's own word." },
        { id: "pool", machine: pool, switches: pool_switches, title: "The pool",
          about: "The whole protocol: take, finish, sleep, wake, bury." },
    ];

    const runs = [
        {
            id: "pipe_full", machine: "pipe", title: "The pipe is full", verdict: null,
            parts: [
                ["P", "The program writes task 0 into the pipe. Now the pipe is full."],
                ["0", "The program could not go on: write() waits. Worker 0 reads task 0, and " +
                    "there is room again."],
                ["P P 0 0", "The program writes task 1 and closes the pipe."],
                ["0~ 1~ P0 P1 P", "The workers do the rest, see the end of the pipe, and " +
                    "end. All is well."],
            ],
        }, {
            id: "pipe_death", machine: "pipe", title: "A worker dies with its task",
            verdict: NAMED,
            parts: [
                ["P 0 P P 0", "Worker 0 has read task 0 and runs it."],
                ["x0", "It is killed. The task was in its own memory and nowhere else."],
                ["1~", "Worker 1 does task 1, sees the end of the pipe, and ends."],
                ["P0 P1 P", "The program can see that a worker ended badly. Which task it had, " +
                    "nothing says."],
            ],
        }, {
            id: "lock_death", machine: "locked", title: "A death inside the lock",
            verdict: "no process waits for a lock that a dead process has",
            parts: [
                ["P>wait", "The program takes the lock, submits both tasks, and gives the lock " +
                    "back."],
                ["0 0 0", "Worker 0 takes the lock and moves the head. It has not yet written " +
                    "into the task which worker has it."],
                ["x0", "It is killed, and the lock is still its own."],
                ["1 P0", "Worker 1 waits for the lock, the program waits for worker 1. Nothing " +
                    "can happen any more."],
            ],
        }, {
            id: "robust_death", machine: "locked", on: ["robust"], verdict: NAMED,
            title: "The same death, with a robust lock",
            parts: [
                ["P>wait 0 0 0 x0 P0", "Again worker 0 is killed inside the lock, after it moved " +
                    "the head."],
                ["1 1", "The lock is robust: worker 1 gets it, and is told that its owner died."],
                ["1 1 1 1 1", "But what the lock guards is half changed. The head has passed " +
                    "task 0, so worker 1 takes task 1."],
                ["1~ P1 P", "Task 0 does not wait, and no word says which worker has it."],
            ],
        }, {
            id: "look", machine: "wrong", title: "Look, then write", verdict: TWICE,
            parts: [
                ["0", "Both tasks wait. Worker 0 looks: the head is at task 0."],
                ["1", "Before it writes, worker 1 looks, too: task 0."],
                ["0 0 0", "Worker 0 writes the next head, and runs task 0."],
                ["1 1 1", "Worker 1 does the same. Task 0 is done twice."],
            ],
        }, {
            id: "swap_head", machine: "wrong", on: ["swap_the_head"], verdict: NAMED,
            title: "Swap the head, then die",
            parts: [
                ["0 1", "Both workers look: the head is at task 0."],
                ["0 1", "Worker 0 swaps the head from 0 to 1. Worker 1's swap fails: the head is " +
                    "not what it expected. So just one worker has task 0."],
                ["x0", "It is killed before it has written down which worker has the task."],
                ["1 1 1 1 1", "Worker 1 goes on with task 1."],
                ["P0 1~ P1 P", "Nothing says that task 0 was ever taken. It is lost, and " +
                    "no process can report it."],
            ],
        }, {
            id: "swap_word", machine: "swapped", title: "Swap the word, then die", verdict: null,
            parts: [
                ["P>wait 0 0 1 1", "Both workers begin with task 0."],
                ["0 1", "Worker 0 swaps the word of task 0 from waiting to its own number. Worker " +
                    "1's swap fails, so it goes on to task 1."],
                ["x0", "Worker 0 is killed. But that it has the task, and which worker it was, " +
                    "was written in one step."],
                ["1 1 1", "Worker 1 takes task 1 and does it."],
                ["P0 P P P", "The program buries worker 0: the word of task 0 names it. Task 0 is " +
                    "reported as lost, and another worker is forked."],
                ["1~ 0~ 1~ P0 P1 P", "The workers find that no task is left. Nothing " +
                    "was done twice, and nothing lost without a word."],
            ],
        }, {
            id: "pool_killed_before", machine: "pool", verdict: null,
            title: "Killed before the swap",
            parts: [
                ["P*6 0 0", "The program submits both tasks. Worker 0 notes task 0 in its slot."],
                ["x0", "It is killed before it swaps the task's word."],
                ["F0 F F F", "The foreman looks at the task in the slot. Its word says waiting: " +
                    "worker 0 did not take it. Nothing is lost."],
                ["1 1 1 1", "Worker 1 takes task 0."],
            ],
        }, {
            id: "pool_killed_after", machine: "pool", verdict: null,
            title: "Killed after the swap",
            parts: [
                ["P*6 Pw P*4", "The program submits both tasks, waits for task 0, and sleeps on " +
                    "its bell."],
                ["0*3", "Worker 0 notes task 0 in its slot and swaps the word to running by " +
                    "worker 0."],
                ["x0", "It is killed before it moves the head."],
                ["1*4", "Worker 1 finds the head at a task that no longer waits, and moves it: " +
                    "it does not matter which process does that. Then it takes task 1."],
                ["F0 F", "The foreman looks at the task in worker 0's slot. Its word says running " +
                    "by worker 0: it is lost. The foreman swaps the word, once."],
                ["F*7 F F", "The foreman rings for the dead worker, rings the program, and forks another worker."],
                ["Pu P P P", "Task 0 has ended: it is lost, and the program knows."],
            ],
        }, {
            id: "killed_in_task", machine: "pool", verdict: null,
            title: "Killed in the task",
            parts: [
                ["P>decide 0>finish", "Worker 0 has taken task 0 and run its function. It has not " +
                    "yet said so."],
                ["x0 F0 F", "It is killed. The word says running by worker 0, so the task is " +
                    "lost: it began, and no process can say how far it came."],
                ["F>waits 0>finish", "Another worker takes its place, and the next task."],
            ],
        }, {
            id: "killed_before_ringing", machine: "pool", verdict: null,
            title: "Killed before it rings the program",
            parts: [
                ["P>decide Pw P*4", "The program sleeps until task 0 ends. W is set in its word."],
                ["0>ring", "Worker 0 runs task 0 and swaps its word to done. It has still to ring " +
                    "the program."],
                ["x0", "It is killed. The task is done, and the program does not know."],
                ["F0 F>ring", "The foreman buries it. The word says done: nothing is lost."],
                ["F", "At each burial the foreman rings the program, for just this case."],
                ["Pu P P", "The program wakes and finds task 0 done."],
            ],
        }, {
            id: "killed_while_woken", machine: "pool", verdict: null,
            title: "Killed when it was woken for a task",
            parts: [
                ["0~ 1~", "Both workers say that they are idle, and sleep."],
                ["P>p1_word", "The program submits task 0 and wakes worker 0: it sets waking, clears " +
                    "the idle bit, rings."],
                ["x0", "Worker 0 is killed before it has looked. Worker 1 sleeps."],
                ["F0 F>repair F", "The foreman buries worker 0 and clears waking: the worker that " +
                    "was on its way may have been the dead one."],
                ["F>f_any_idle", "A task waits."],
                ["F>ring", "So it wakes a worker: worker 1."],
                ["1>finish", "Worker 1 takes task 0."],
            ],
        }, {
            id: "idle_first", machine: "pool", verdict: null,
            title: "Says that it is idle, then looks",
            parts: [
                ["0>look", "Worker 0 finds the queue empty. It reads its bell and says that it is " +
                    "idle. Only then it looks once more."],
                ["0", "The queue is still empty. It is about to sleep."],
                ["P>p0_any_idle", "The program submits task 0, then looks whether a worker is idle."],
                ["P>p1_word", "Worker 0 has said so: the program clears its idle bit and rings its " +
                    "bell. Worker 0 does not sleep yet, so there is nothing to wake."],
                ["0", "Worker 0 wants to sleep. The kernel compares the bell with what was read: it " +
                    "was rung, so the worker does not sleep."],
                ["0>finish", "It looks again, and takes task 0."],
            ],
        }, {
            id: "foreman_killed", machine: "pool", verdict: null,
            title: "The foreman is killed",
            parts: [
                ["P>decide 0>finish Pw P*4", "Worker 0 runs task 0. The program sleeps until it " +
                    "ends."],
                ["xF", "The foreman is killed. No process would bury a worker now."],
                ["K0 K1", "The kernel kills the workers: each has asked for that."],
                ["Pb P P", "The program looks from time to time, and sees that the foreman is dead. " +
                    "The pool is broken. Task 0 has not ended, so the program writes broken."],
                ["P~", "The same for task 1. No wait lasts for ever."],
            ],
        }, {
            id: "program_killed", machine: "pool", verdict: null,
            title: "The program is killed",
            parts: [
                ["P>decide 0>finish", "Worker 0 runs task 0."],
                ["xP", "The program is killed."],
                ["Fp", "The foreman gets a signal, and sees that the program has ended."],
                ["F F", "It kills the workers, reaps them, and ends. No process is left behind."],
            ],
        }, {
            id: "look_then_write", machine: "pool", on: ["look_then_write"], verdict: TWICE,
            title: "Mistake: looks, then writes",
            parts: [
                ["P*6", "The program submits both tasks."],
                ["0 0 1 1", "Both workers read the word of task 0: waiting. Both note it."],
                ["0>run 0", "Worker 0 writes: running by worker 0. It runs task 0."],
                ["1>run 1", "Worker 1 writes, too: it does not compare. Task 0 is done twice."],
            ],
        }, {
            id: "note_late", machine: "pool", on: ["note_late"], verdict: HANG,
            title: "Mistake: notes the task after taking it",
            parts: [
                ["P*6 Pw P*4", "The program submits both tasks and sleeps until task 0 ends."],
                ["0 0", "Worker 0 swaps the word of task 0. Its slot is still empty."],
                ["x0 F0 F", "It is killed. The foreman looks into the slot and finds no task " +
                    "there: nothing to report."],
                ["F>waits", "It rings the program and forks another worker."],
                ["Pu P*4", "Task 0 still runs, the program reads in its word, and sleeps again."],
                ["1~ 0~", "The workers do what is left, and sleep. Task 0 will never end, " +
                    "and the program will never wake."],
            ],
        }, {
            id: "two_words", machine: "pool", on: ["two_words"], verdict: HANG,
            title: "Mistake: two words instead of one",
            parts: [
                ["P*6 Pw P*4", "The program submits both tasks and sleeps until task 0 ends."],
                ["0>finish", "Worker 0 takes task 0 and runs it. It says in a first word that the " +
                    "queue is done with the task. How it ended is in the other word, which " +
                    "still says running."],
                ["x0 F0 F", "Between the two stores it is killed. The queue is done with this " +
                    "task, so the foreman does not report it."],
                ["F>waits Pu P*4", "The program is rung, finds task 0 running, and sleeps again."],
                ["1~ 0~", "The workers do what is left, and sleep. The program sleeps for ever."],
            ],
        }, {
            id: "look_first", machine: "pool", on: ["look_first"], verdict: HANG,
            title: "Mistake: looks before it says that it is idle",
            parts: [
                ["0*3 1*3", "Both workers look at the queue. It is empty."],
                ["P*6", "The program submits both tasks, then looks whether any worker is idle. " +
                    "None says so, so none is woken."],
                ["0*3 1*3", "Now both workers say that they are idle, and sleep: their look at " +
                    "the queue is long past."],
                ["Pw P*4", "The program sleeps until task 0 ends. The tasks wait for a worker, " +
                    "the workers for a task."],
            ],
        }, {
            id: "ring_once", machine: "pool", on: ["ring_once"], verdict: HANG,
            title: "Mistake: rings once",
            parts: [
                ["P*6 0>finish Pw P P", "Worker 0 runs task 0. The program waits for it: it has read " +
                    "its bell and set W in the word."],
                ["0 0", "Worker 0 swaps the word to done and rings. It does not look yet whether " +
                    "the program sleeps."],
                ["P P Pu P P P P P", "The program does not sleep: its bell was rung. It goes on to " +
                    "wait for task 1: reads its bell, sets W, says that it sleeps."],
                ["0", "Only now worker 0 looks: the program says that it sleeps. Worker 0 clears " +
                    "that, and is to wake it."],
                ["0 P", "It does, but the program is not asleep yet. It falls asleep now: " +
                    "since it read its bell, the bell was not rung again."],
                ["0>ring", "Worker 0 runs task 1 and swaps its word to done."],
                ["0~ 1~", "It rings, but the program does not say that it sleeps. So it is " +
                    "not woken, ever."],
            ],
        }, {
            id: "no_repair", machine: "pool", on: ["no_repair"], verdict: HANG,
            title: "Mistake: no wake-up after a death",
            parts: [
                ["0~ 1~", "Both workers say that they are idle, and sleep."],
                ["P>p1_word", "The program submits task 0 and wakes worker 0. Until that one has " +
                    "looked, waking is set, and no other worker is woken."],
                ["x0", "Worker 0 is killed before it has looked."],
                ["F0 F>waits", "The foreman buries it and forks another."],
                ["0~", "The new worker does task 0, and sleeps. It was not woken, so it did not " +
                    "clear waking."],
                ["P>decide", "The program submits task 1. A worker is idle, but waking is set: it " +
                    "seems that one is on its way."],
                ["Pw P~", "But no worker is on its way. The program waits for task 1, and all sleep."],
            ],
        }, {
            id: "ring_first", machine: "pool", on: ["ring_first"], verdict: HANG,
            title: "Mistake: clears the idle bit after the wake",
            parts: [
                ["P 0>look 1>none", "Both workers find the queue empty. Worker 0 says that it is " +
                    "idle."],
                ["P>p0_clear_late", "The program submits task 0 and wakes worker 0. It has still " +
                    "to clear the idle bit."],
                ["1>up", "Worker 1 says that it is idle, looks once more, and finds task 0 there."],
                ["x0 F0 F>f_bell", "Worker 0 is killed. The foreman buries it. As a task waits, it " +
                    "is going to wake worker 1."],
                ["1>read_bell", "Meanwhile worker 1 takes task 0, does it, and finds the queue " +
                    "empty."],
                ["F 1>sleep F 1", "The foreman rings before worker 1 reads its bell, and wakes " +
                    "before it sleeps. Worker 1 says that it is idle, and sleeps."],
                ["F", "Only now the foreman clears the idle bit. Worker 1 sleeps, and its bit " +
                    "says that it does not."],
                ["F>waits 0>look P", "The new worker 0 says that it is idle. The program is still " +
                    "in its first submit, and clears that bit, too."],
                ["0", "Worker 0 looks once more: the queue is empty."],
                ["P>decide", "The program submits task 1. No idle bit is set, so it wakes no worker."],
                ["0 Pw P~", "Worker 0 falls asleep. The program waits for task 1, and all sleep."],
            ],
        }, {
            id: "finish_blindly", machine: "pool", on: ["finish_blindly"], verdict: ENDS,
            title: "Mistake: writes done although the pool is broken",
            parts: [
                ["P*6 0>finish Pw P*4", "Worker 0 runs task 0, and the program sleeps until it ends."],
                ["xF", "The foreman is killed. The kernel will kill the workers, each a little " +
                    "later."],
                ["Pb P P", "The program sees that the foreman is dead. Task 0 has not ended, so " +
                    "it never will: the program writes broken into its word."],
                ["0", "Worker 0 is not dead yet. It writes done over it: the task has ended " +
                    "twice, in two ways."],
            ],
        },
    ];

    return { machines, runs, HANG };
})();

if (typeof module !== "undefined") module.exports = Runs;
