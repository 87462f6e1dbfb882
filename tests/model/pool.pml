/*
 * pool.pml: the pool's protocol, for spin to explore: two workers, two tasks, a program that
 * submits them, may cancel one, waits for both or not and closes the pool; and deaths at any
 * step. `make model` runs it.
 *
 * Each inline mirrors the function of its name in 03_pool/inside/. What is atomic here is one atomic
 * access there, or several of which it makes no difference when others come between: a read
 * and the compare-and-swap that fails unless nothing has changed; reads of what only grows.
 * Checked: no task begins twice; each ends once, in the way that its word says; no process waits
 * for ever, or spin reports an "invalid end state".
 *
 * Left out: the ring and the reuse of memory (a task is its ticket here), spinning, limits in
 * time, stopping; and the program's look every tenth of a second, which would hide a wake that
 * is lost.
 *
 * -DFOREMAN_DIES: the foreman may die, and with it the workers, each a little later.
 * The other names asked for by #ifdef are mistakes, to be found.
 */
#ifndef DEATHS
#define DEATHS 2 /* of workers, at the most */
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
#define BY        16 /* set: worker 1 */

#define phase(s)      ((s) & 7)
#define to(s, p)      (((s) & ~7) | (p))
#define ended(s)      (phase(s) >= DONE)
#define is_run_by(s, w) (phase(s) == RUNNING && ((s) & BY) == (w) * BY)

byte word[2];
byte head, tail;
byte idle; /* a bit for each worker */
bool waking, closing, closed, broken;
byte slot[2]; /* what a worker is about to take, or runs */

/* A bell and the one process that sleeps on it: has it rung since it was read? Is the process
 * asleep? */
bool rung[2], asleep[2], program_rung, program_asleep, program_sleeps;

/* What only the kernel knows. */
bool killed[2], dead[2], foreman_killed, foreman_dead;
byte alive, deaths;

/* For the assertions: how often each task began and ended. */
byte begun[2], ends[2];

#define empty (head == tail)

/* A step of task t's word, which has one author. */
inline become(t, new)
{
    word[t] = new;
    if
    :: ended(new) -> ends[t]++; assert(ends[t] == 1)
    :: else
    fi
}

/* ring_worker(): two steps, and a worker may die between them. */
inline ring(i)
{
    rung[i] = true;
    asleep[i] = false /* futex_wake() */
}

/* ---- worker.c ---- */

/* Clears the lowest bit, and rings for it. */
inline wake_first()
{
#ifdef RING_FIRST
    atomic {
        if
        :: idle != 0 -> low = (idle & 1 -> 0 : 1); ring(low)
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
    :: low != NONE && mortal -> ring(low)
    :: atomic { low != NONE && !mortal -> ring(low) }
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
        :: !(idle & 1) -> ring(0)
        :: else
        fi
    }
    atomic {
        if
        :: !(idle & 2) -> ring(1)
        :: else
        fi
    }
    if
    :: !empty -> workers_wake_one()
    :: else
    fi
}

inline advance(h)
{
    atomic {
        if
        :: head == h -> head++
        :: else
        fi
    }
}

/* t: the task that is now this worker's, or NONE. It notes which before it swaps the word. To
 * die in between is to leave a note about a task that it doesn't run: no process acts on that. */
inline take()
{
    do
    :: atomic { empty -> break }
    :: atomic { !empty && phase(word[head]) != WAITING -> head++ }
    :: atomic {
            !empty && phase(word[head]) == WAITING ->
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

/* shared.h */
inline ring_program()
{
    program_rung = true;
    atomic {
        if
        :: program_sleeps -> program_sleeps = false; low = 0
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
/* One word says that the queue is done with a task, another how it ended. */
bool done_with[2];
#endif

inline finish()
{
#ifdef TWO_WORDS
    done_with[t] = true;
#endif
    atomic {
#ifndef FINISH_BLINDLY
        phase(word[t]) == RUNNING; /* else pause(): it is about to be killed */
#endif
        become(t, to(word[t], DONE));
        watched = (word[t] & WATCHED) != 0;
        t = NONE
    }
    if
    :: watched -> watched = false; ring_program()
    :: else
    fi
}

inline sleep_until_woken()
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
            take();
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
                sleep_until_woken()
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
    atomic { program_rung = true; program_asleep = false } /* ..._in_any_case() */
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

/* ---- task.c, submit.c, end.c: the program ---- */

inline publish(n)
{
    atomic { word[n] = WAITING; tail = n + 1 }
    workers_wake_one()
}

inline cancel(n)
{
    atomic {
        if
        :: phase(word[n]) == WAITING -> become(n, to(word[n], CANCELLED))
        :: else
        fi
    }
    /* skip_cancelled() */
    do
    :: atomic { empty || phase(word[head]) == WAITING -> break }
    :: atomic { !empty && phase(word[head]) != WAITING -> head++ }
    od
}

/* Once the pool is broken, a task that has not ended never will. */
inline current_state(n)
{
    atomic {
        if
        :: broken && !ended(word[n]) -> become(n, to(word[n], BROKEN))
        :: else
        fi
    }
}

/* The program finds out by itself that the foreman is dead. */
inline pool_pause()
{
    program_sleeps = true;
    atomic { program_asleep = !program_rung } /* futex_wait() */
    if
    :: atomic { !program_asleep -> program_sleeps = false }
    :: atomic { foreman_dead -> program_asleep = false; program_sleeps = false; broken = true }
    fi
}

inline task_wait(n)
{
    do
    :: true ->
        atomic {
            program_rung = false; /* reads the bell */
            current_state(n);
            if
            :: ended(word[n]) -> break
            :: else -> word[n] = word[n] | WATCHED
            fi
        }
        pool_pause()
    od
}

inline check(n)
{
    atomic {
        current_state(n);
        assert(ended(word[n]) && ends[n] == 1);
        assert(phase(word[n]) != DONE || begun[n] == 1);
        assert(phase(word[n]) != CANCELLED || begun[n] == 0);
        assert(phase(word[n]) != LOST || deaths > 0);
        assert(phase(word[n]) != BROKEN || foreman_dead)
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
    :: true -> cancel(0); task_wait(0); task_wait(1)
    :: true -> cancel(1)
    fi;
    /* pool_close() */
    closing = true;
    atomic { ring(0) }
    atomic { ring(1) }
    atomic { closed || foreman_dead -> broken = broken || !closed }
    check(0);
    check(1)
}

/* ---- Death, at any time, or not at all ---- */

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
