/*
 * order_list.c: the pool's list of orders: made, found by number, freed. See order.h.
 */
#include <stdlib.h>
#include <string.h>

#include "handle.h"
#include "order.h"
#include "pause.h"

static int enlist(struct order *order)
{
    struct order_list *list = &order->pool->own.orders;
    unsigned number = list->lowest_free != 0 ? list->lowest_free : 1;
    while (number < list->capacity && list->order[number] != NULL)
        number++;
    if (number >= list->capacity) {
        unsigned capacity = list->capacity != 0 ? 2 * list->capacity : 8;
        struct order **grown = realloc(list->order, capacity * sizeof(struct order *));
        if (grown == NULL)
            return -1;
        memset(grown + list->capacity, 0,
               (capacity - list->capacity) * sizeof(struct order *));
        list->order = grown;
        list->capacity = capacity;
    }
    list->order[number] = order;
    list->lowest_free = number + 1;
    order->number = number;
    return 0;
}

static void delist(struct order *order)
{
    struct order_list *list = &order->pool->own.orders;
    list->order[order->number] = NULL;
    if (order->number < list->lowest_free)
        list->lowest_free = order->number;
}

void order_note_cancelled(struct task *task, uint64_t word)
{
    struct order_list *list = &task->pool->own.orders;
    unsigned number = word_order(word);
    if (number == 0)
        return;
    for (unsigned i = 1; number == WORD_ORDERS && i < list->capacity; i++)
        if (list->order[i] != NULL)
            list->order[i]->look = true;
    if (number == WORD_ORDERS)
        return;
    struct order *order = list->order[number];
    order_note(order, task);
}

void order_init_loose(struct order *order, struct pool *pool)
{
    *order = (struct order){.pool = pool};
}

int order_init(struct order *order, struct pool *pool)
{
    order_init_loose(order, pool);
    return enlist(order);
}

static void free_arrays(struct order *order)
{
    free(order->waiting);
    free(order->ended);
}

/* The number may soon belong to another order, so remove it from the words of waiting tasks. */
static void forget_number(struct order *order, struct task *task)
{
    uint64_t word = task_word(task);
    while (word_state(word) == TASK_WAITING && word_order(word) == order->number &&
           order->number < WORD_ORDERS)
        if (atomic_compare_exchange_weak(&task->word, &word, word_in_order(word, 0)))
            return;
    if (order_has_noted(order, word))
        order_drop(order, task, word);
}

void order_free(struct order *order)
{
    /* A child of the program frees its copy of the order, and no more. */
    if (order->number != 0 && order->pool->generation == process_number()) {
        for (size_t i = order->first; i < order->last; i++)
            forget_number(order, order->waiting[i]);
        delist(order);
    }
    free_arrays(order);
}

void order_free_all(struct pool *pool)
{
    struct order_list *list = &pool->own.orders;
    for (unsigned i = 1; i < list->capacity; i++)
        if (list->order[i] != NULL) {
            free_arrays(list->order[i]);
            free(list->order[i]);
        }
    free(list->order);
}
