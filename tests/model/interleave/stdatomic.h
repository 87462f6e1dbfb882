/*
 * stdatomic.h: found before the compiler's own when the queue is compiled for explore_queue.c:
 * each atomic operation first lets the explorer run another process.
 */
#ifndef INTERLEAVE_STDATOMIC_H
#define INTERLEAVE_STDATOMIC_H

#include_next <stdatomic.h>

void explore_yield(void);

#undef atomic_load
#undef atomic_store
#undef atomic_load_explicit
#undef atomic_store_explicit
#undef atomic_compare_exchange_strong
#undef atomic_compare_exchange_weak
#define atomic_load_explicit(object, order)                                              \
    (explore_yield(), __extension__({                                                    \
         __auto_type loaded_ = *(object);                                                \
         loaded_;                                                                        \
     }))
#define atomic_store_explicit(object, value, order)                                      \
    (explore_yield(), (void)(*(object) = (value)))
#define atomic_load(object)         atomic_load_explicit(object, 0)
#define atomic_store(object, value) atomic_store_explicit(object, value, 0)
#define atomic_compare_exchange_strong(object, expected, desired)                        \
    (explore_yield(), __extension__({                                                    \
         __auto_type expected_ = (expected);                                             \
         bool same_ = *(object) == *expected_;                                           \
         if (same_)                                                                      \
             *(object) = (desired);                                                      \
         else                                                                            \
             *expected_ = *(object);                                                     \
         same_;                                                                          \
     }))
#define atomic_compare_exchange_weak atomic_compare_exchange_strong

#endif
