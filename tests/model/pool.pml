/*
 * pool.pml: a model of the pool's protocol, for the model checker spin; `make model` runs it.
 * There are two workers, two tasks, and a program that submits the tasks, may cancel one, may wait
 * for both, and closes the pool. A process may die at any step.
 *
 * An inline has the name of the function in 03_pool/inside/ that it mirrors, and its steps; the
 * helpers of the model are marked so. A step that is atomic here is one atomic access there, or
 * several between which the steps of other processes make no difference: a read, and a
 * compare-and-swap that fails if anything has changed since; reads of values that only grow.
 *
 * Checked: no task begins twice; each task ends once, in the way that its word says; no process
 * waits forever (spin would report an "invalid end state").
 *
 * Left out: the ring and the reuse of memory (a task is its ticket here), spinning, time limits
 * and stopping. The program's check every tenth of a second is left out because it would hide a
 * lost wake-up.
 *
 * -DFOREMAN_DIES: the foreman may die, and then the workers, each a little later. The other names
 * tested by #ifdef put in a mistake, which spin must find.
 */
#ifndef DEATHS
#define DEATHS 2 /* at most so many workers die */
#endif

#define NONE 2 /* no task */

/* word.h: a task's word. The numbers are in the order of enum task_state. */
#define NEW       0
#define WAITING   1
#define RUNNING   2
#define DONE      3
#define CANCELLED 4
#define LOST      5
#define BROKEN    6
#define WATCHED   8
#define BY        16 /* set: run by worker 1, else by worker 0 */

#define state(s)      ((s) & 7)
#define to(s, p)      (((s) & ~7) | (p))
#define ended(s)      (state(s) >= DONE)
#define is_run_by(s, w) (state(s) == RUNNING && ((s) & BY) == (w) * BY)

byte word[2];
byte head, tail;
byte idle; /* a bit for each worker */
bool waking, closing, closed, broken;
byte slot[2]; /* each worker's claim: the task that it is about to take, or runs */

/* For each bell: has it been rung since the process that sleeps on it read it, and is that process
 * asleep? */
bool rung[2], asleep[2], program_rung, program_asleep, program_waits;

/* State that only the kernel knows. */
bool killed[2], dead[2], foreman_killed, foreman_dead;
byte alive, deaths;

/* For the assertions: how often each task began and ended. */
byte begun[2], ends[2];

#define empty (head == tail)

/* Helper of the model: change the word of task t, and count its end. */
inline become(t, new)
{
    word[t] = new;
    if
    :: ended(new) -> ends[t]++; assert(ends[t] == 1)
    :: else
    fi
}

/* Two steps; a worker may die between them. */
inline bell_ring(i)
{
    rung[i] = true;
    asleep[i] = false /* futex_wake() */
}

/* ---- worker.c ---- */

/* Clear the lowest idle bit, and ring that worker's bell. */
inline wake_first()
{
#ifdef RING_FIRST
    atomic {
        if
        :: idle != 0 -> low = (idle & 1 -> 0 : 1); bell_ring(low)
        :: else
        fi
    }
    if
    :: low != NONE -> idle = idle & ~(1 << low)
    :: else
    fi
#else
    atomic {
        if
        :: idle != 0 -> low = (idle & 1 -> 0 : 1); idle = idle & ~(1 << low)
        :: else
        fi
    }
    if
    :: low == NONE
    :: low != NONE && mortal -> bell_ring(low)
    :: atomic { low != NONE && !mortal -> bell_ring(low) }
    fi
#endif
}

inline workers_wake_one()
{
    do
    :: atomic { idle == 0 || waking -> break }
    :: atomic { idle != 0 && !waking -> waking = true };
        wake_first();
        if
        :: low != NONE -> low = NONE; break
        :: else -> waking = false
        fi;
        if
        :: empty -> break
        :: else
        fi
    od
}

inline workers_repair()
{
    waking = false;
    atomic {
        if
        :: !(idle & 1) -> bell_ring(0)
        :: else
        fi
    }
    atomic {
        if
        :: !(idle & 2) -> bell_ring(1)
        :: else
        fi
    }
    if
    :: !empty -> workers_wake_one()
    :: else
    fi
}

/* Helper of the model: the swap of the head in queue_take(). */
inline advance(h)
{
    atomic {
        if
        :: head == h -> head++
        :: else
        fi
    }
}

/* Sets t to the task that this worker has taken, or NONE. The worker writes its claim before it
 * swaps the word. If it dies in between, the claim names a task that it does not run, and is
 * ignored. */
inline queue_take()
{
    do
    :: atomic { empty -> break }
    :: atomic { !empty && state(word[head]) != WAITING -> head++ }
    :: atomic {
            !empty && state(word[head]) == WAITING ->
            t = head;
#ifndef NOTE_LATE
            slot[me] = t;
#endif
            word[t] = to(word[t], RUNNING) | (me * BY)
        };
#ifdef NOTE_LATE
        slot[me] = t;
#endif
        advance(t);
        break
    od
}

inline program_wake()
{
    program_rung = true;
    atomic {
        if
        :: program_waits -> program_waits = false; low = 0
        :: else
        fi
    }
    if
    :: low != NONE ->
#ifndef RING_ONCE
        program_rung = true;
#endif
        atomic { program_asleep = false; low = NONE }
    :: else
    fi
}

#ifdef TWO_WORDS
/* The mistake: one word says that the queue is done with a task, another how it ended. */
bool done_with[2];
#endif

inline finish()
{
#ifdef TWO_WORDS
    done_with[t] = true;
#endif
    atomic {
#ifndef FINISH_BLINDLY
        state(word[t]) == RUNNING; /* else it kills itself */
#endif
        become(t, to(word[t], DONE));
        watched = (word[t] & WATCHED) != 0;
        t = NONE
    }
    if
    :: watched -> watched = false; program_wake()
    :: else
    fi
}

inline worker_sleep()
{
#ifdef LOOK_FIRST
    if
    :: empty && !closing ->
        atomic { rung[me] = false; idle = idle | (1 << me) }
        atomic { asleep[me] = !rung[me] }
    :: else
    fi;
#else
    atomic { rung[me] = false /* reads the bell */; idle = idle | (1 << me) }
    atomic {
        if
        :: empty && !closing -> asleep[me] = !rung[me] /* futex_wait() */
        :: else
        fi
    }
#endif
    !asleep[me];
    atomic { idle = idle & ~(1 << me); waking = false; woken = true }
}

proctype Worker(byte me)
{
    byte t = NONE, low = NONE;
    bool woken = true, watched, mortal = true;
    {
        do
        :: true ->
            queue_take();
            if
            :: t != NONE ->
                if
                :: woken && !empty -> workers_wake_one()
                :: else
                fi;
                atomic { woken = false; begun[t]++; assert(begun[t] == 1) }
                finish()
            :: t == NONE && closing ->
                if
                :: empty -> break
                :: else
                fi
            :: t == NONE && !closing ->
                worker_sleep()
            fi
        od
    } unless { killed[me] }
    atomic { dead[me] = true; killed[me] = false }
}

/* ---- burial.c, crew.c, foreman.c ---- */

inline report_loss(i)
{
    atomic {
        if
#ifdef TWO_WORDS
        :: slot[i] != NONE && is_run_by(word[slot[i]], i) && !done_with[slot[i]] ->
#else
        :: slot[i] != NONE && is_run_by(word[slot[i]], i) ->
#endif
            become(slot[i], to(word[slot[i]], LOST))
        :: else
        fi
    }
}

inline spawn(i)
{
    atomic {
        slot[i] = NONE;
        dead[i] = false;
        killed[i] = false;
        asleep[i] = false;
        alive++;
        run Worker(i)
    }
}

inline bury(i)
{
    report_loss(i);
    atomic { idle = idle & ~(1 << i); alive--; dead[i] = false }
#ifndef NO_REPAIR
    if
    :: !closing || !empty -> workers_repair()
    :: else
    fi;
#endif
    atomic { program_rung = true; program_asleep = false } /* program_wake_always() */
    if
    :: !closing || !empty -> spawn(i)
    :: else
    fi
}

proctype Foreman()
{
    byte low = NONE;
    bool mortal;
    {
        do
        :: dead[0] -> bury(0)
        :: dead[1] -> bury(1)
        :: atomic { closing && alive == 0 && empty -> closed = true; break }
        :: closing && alive == 0 && !empty -> spawn(0)
        od
    } unless { foreman_killed };
    foreman_dead = true
}

/* ---- task.c, cancel.c, submit.c, end.c: the program ---- */

inline publish(n)
{
    atomic { word[n] = WAITING; tail = n + 1 }
    workers_wake_one()
}

inline task_cancel(n)
{
    atomic {
        if
        :: state(word[n]) == WAITING -> become(n, to(word[n], CANCELLED))
        :: else
        fi
    }
    /* queue_cancel() */
    do
    :: atomic { empty || state(word[head]) == WAITING -> break }
    :: atomic { !empty && state(word[head]) != WAITING -> head++ }
    od
}

/* In a broken pool, a task that has not ended becomes BROKEN. */
inline task_word(n)
{
    atomic {
        if
        :: broken && !ended(word[n]) -> become(n, to(word[n], BROKEN))
        :: else
        fi
    }
}

/* The program sleeps; if the foreman is dead, it wakes by itself and finds that out. */
inline pool_pause()
{
    program_waits = true;
    atomic { program_asleep = !program_rung } /* futex_wait() */
    if
    :: atomic { !program_asleep -> program_waits = false }
    :: atomic { foreman_dead -> program_asleep = false; program_waits = false; broken = true }
    fi
}

inline task_wait(n)
{
    do
    :: true ->
        atomic {
            program_rung = false; /* reads the bell */
            task_word(n);
            if
            :: ended(word[n]) -> break
            :: else -> word[n] = word[n] | WATCHED
            fi
        }
        pool_pause()
    od
}

/* Helper of the model: what must hold of task n in the end. */
inline check(n)
{
    atomic {
        task_word(n);
        assert(ended(word[n]) && ends[n] == 1);
        assert(state(word[n]) != DONE || begun[n] == 1);
        assert(state(word[n]) != CANCELLED || begun[n] == 0);
        assert(state(word[n]) != LOST || deaths > 0);
        assert(state(word[n]) != BROKEN || foreman_dead)
    }
}

active proctype Program()
{
    byte low = NONE;
    bool mortal;
    atomic { spawn(0); spawn(1); run Foreman() }
    publish(0);
    publish(1);
    if
    :: true -> task_wait(0); task_wait(1)
    :: true -> task_cancel(0); task_wait(0); task_wait(1)
    :: true -> task_cancel(1)
    fi;
    /* pool_close() */
    closing = true;
    atomic { bell_ring(0) }
    atomic { bell_ring(1) }
    atomic { closed || foreman_dead -> broken = broken || !closed }
    check(0);
    check(1)
}

/* ---- Death: at any time, or never ---- */

active proctype Death()
{
end:
    do
    :: atomic { deaths < DEATHS && alive > 0 && !dead[0] && !killed[0] && !closed -> deaths++; killed[0] = true }
    :: atomic { deaths < DEATHS && alive > 0 && !dead[1] && !killed[1] && !closed -> deaths++; killed[1] = true }
#ifdef FOREMAN_DIES
    :: !foreman_killed && !closed -> foreman_killed = true
    :: atomic { foreman_dead && !dead[0] -> killed[0] = true } /* PR_SET_PDEATHSIG */
    :: atomic { foreman_dead && !dead[1] -> killed[1] = true }
#endif
    od
}
