package dev.taskqueue.worker;

import dev.taskqueue.broker.internal.BrokerEngine;
import java.time.Duration;

/**
 * How long a worker waits before it does something about what does not happen: the waits that no setting changes, in one
 * place, so that tests need not sit through them.
 *
 * @param idleWait for how long an idle runner waits in Redis at a time, and with that how long a close may take; at most
 *     {@link BrokerEngine#LONGEST_WAIT}
 * @param adoption how often claims are looked for whose reply was lost
 * @param interruptedPatience how long a handler may take to heed its interrupt
 */
record Timings(Duration idleWait, Duration adoption, Duration interruptedPatience) {

    static final Timings DEFAULT =
            new Timings(BrokerEngine.LONGEST_WAIT, Duration.ofSeconds(10), Duration.ofSeconds(5));

    Timings withIdleWait(Duration wait) {
        return new Timings(wait, adoption, interruptedPatience);
    }

    Timings withAdoption(Duration every) {
        return new Timings(idleWait, every, interruptedPatience);
    }

    Timings withInterruptedPatience(Duration patience) {
        return new Timings(idleWait, adoption, patience);
    }
}
