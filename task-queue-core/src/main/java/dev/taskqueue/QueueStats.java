package dev.taskqueue;

import java.time.Instant;
import java.util.Optional;

/**
 * How many tasks are in each place of one queue, read in two round trips: while workers are busy the places are a moment
 * apart.
 *
 * @param queue the queue's name
 * @param high ready in the high lane
 * @param normal ready in the normal lane
 * @param low ready in the low lane
 * @param processing held by workers that are registered
 * @param scheduled waiting for their time: delayed tasks and retries
 * @param suspects waiting for a trial: they were taken back too often from workers that died
 * @param parked waiting for a worker that knows their type
 * @param dead dead letters
 * @param workers how many workers have beaten within the last two leases
 * @param pause why workers take nothing new; empty while they do
 * @param oldestReady since when the task has been ready that has waited longest in a lane, or at least since when: when it was
 *     created, by its producer's clock, or was due. Retries do not tell since when they are ready again, and are passed over.
 *     Empty where nothing is ready, or none of the oldest ten of a lane tells, as bare pushes do not
 * @param nextDue when the first of the scheduled tasks is due, of Redis' clock; empty where none is scheduled
 * @param overdue how many scheduled tasks have been due for more than 5 s, by Redis' clock, and are not in a lane yet
 */
public record QueueStats(
        String queue,
        long high,
        long normal,
        long low,
        long processing,
        long scheduled,
        long suspects,
        long parked,
        long dead,
        int workers,
        Optional<QueuePause> pause,
        Optional<Instant> oldestReady,
        Optional<Instant> nextDue,
        long overdue) {

    /**
     * @return whether workers take nothing new
     */
    public boolean paused() {
        return pause.isPresent();
    }

    /**
     * @return the tasks that wait in any lane
     */
    public long ready() {
        return high + normal + low;
    }

    /**
     * @return the tasks that have yet to come to their end, in any place
     */
    public long unfinished() {
        return ready() + processing + scheduled + suspects + parked;
    }
}
