package dev.taskqueue;

import java.util.List;

/**
 * What became of a call that paused a queue. The pause stands either way.
 *
 * @param pause the pause
 * @param unacknowledged the workers that have beaten of late and had not said in time that they begin nothing more; a thousand
 *     at most. One that was killed is among them until its silence has lasted two leases
 */
public record PauseResult(QueuePause pause, List<String> unacknowledged) {

    /** Copies the list. */
    public PauseResult {
        unacknowledged = List.copyOf(unacknowledged);
    }

    /**
     * @return whether every worker has said that it begins nothing more
     */
    public boolean isAcknowledged() {
        return unacknowledged.isEmpty();
    }
}
