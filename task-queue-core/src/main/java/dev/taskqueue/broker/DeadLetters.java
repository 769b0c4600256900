package dev.taskqueue.broker;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.DeadLetter;
import dev.taskqueue.DeadLetterFilter;
import dev.taskqueue.DeadLetterPage;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.broker.internal.DeadLetterStore;
import dev.taskqueue.internal.TaskLimits;
import java.util.List;
import java.util.Optional;

/**
 * The dead letters of one queue: to look at, to try again, to delete.
 *
 * <p>Thread-safe. Every method throws {@link BrokerUnavailableException} where Redis does not answer and
 * {@link BrokerRejectedException} where it refuses this user.
 */
public final class DeadLetters {

    private static final int MOST_SEARCHED = 1_000_000;

    private final DeadLetterStore store;

    DeadLetters(DeadLetterStore store) {
        this.store = store;
    }

    /**
     * Reads some letters, newest first.
     *
     * @param filter which
     * @param from where to begin: {@link DeadLetterPage#next} of the page before, or empty for the newest
     * @param max how many letters to look at, 1 to 1,000,000; fewer where they are large
     * @return those that the filter takes, and where to go on
     * @throws InvalidTaskException if {@code from} is of no page
     */
    public DeadLetterPage list(DeadLetterFilter filter, Optional<String> from, int max) {
        TaskLimits.checkPresent("filter", filter);
        if (max < 1 || max > MOST_SEARCHED) {
            throw new InvalidTaskException("max is " + max + "; it must be from 1 to " + MOST_SEARCHED);
        }
        return store.list(filter, from, max);
    }

    /**
     * Looks for one letter, newest first.
     *
     * @param id a task's id, or that of an entry that was no task
     * @param max how many letters to look at, at most; 1 or more
     * @return the newest one of this id; empty if there is none among those
     */
    public Optional<DeadLetter> find(String id, int max) {
        TaskLimits.checkPresent("id", id);
        return store.find(id, max);
    }

    /**
     * Has tasks run again: each gets its old id, fresh retries and no end of its time that has passed, and goes to its lane.
     * Each is moved in one step; what cannot be stays a dead letter, as does one whose unique key another task holds. May be
     * called again with the same letters.
     *
     * @param letters letters as they were read; those that are no tasks are left alone
     * @return those that were moved by this call: of a letter that is not there any more somebody else has taken care
     * @throws OutcomeUnknownException if it is not known which were moved
     */
    public List<DeadLetter> retry(List<DeadLetter> letters) {
        return store.retry(letters);
    }

    /**
     * Deletes letters for good, with the statuses of their tasks.
     *
     * @param letters letters as they were read
     * @return those that were deleted by this call
     * @throws OutcomeUnknownException if it is not known which were deleted
     */
    public List<DeadLetter> delete(List<DeadLetter> letters) {
        return store.delete(letters);
    }
}
