package dev.taskqueue.worker;

/** What a runner can be given to do. */
sealed interface Work permits Attempt, IdleWait {}
