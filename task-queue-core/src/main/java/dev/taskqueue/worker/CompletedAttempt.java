package dev.taskqueue.worker;

import dev.taskqueue.broker.Claim;
import dev.taskqueue.broker.Outcome;
import java.time.Duration;
import java.util.Optional;

/**
 * An outcome on its way to being committed, with what is counted once it is.
 *
 * @param outcome the outcome
 * @param meter the figures of the task's type
 * @param ran whether a handler had been started for it
 * @param runTime how long the handler took
 */
record CompletedAttempt(Outcome outcome, TypeMeter meter, boolean ran, Duration runTime) {

    /** Of a claim that no handler was started for. */
    static CompletedAttempt notRun(Outcome outcome, Attempt attempt) {
        return new CompletedAttempt(outcome, attempt.registration().meter(), false, Duration.ZERO);
    }

    Claim claim() {
        return outcome.claim();
    }

    /** To be called once it is committed. */
    void count() {
        meter.count(outcome, ran ? Optional.of(runTime) : Optional.empty());
    }
}
