package dev.taskqueue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One worker of one queue, as Redis knows it. Of a worker that serves several queues there is one in each, with the tasks of
 * that queue.
 *
 * @param name its name, unique among all workers
 * @param queue the queue
 * @param asOf when this was read, by Redis' clock
 * @param lastBeat its latest heartbeat, by Redis' clock
 * @param silent whether it has not beaten for half a lease: it is dead, hangs, or cannot reach Redis
 * @param recoveredIn in how long at the earliest other workers take back what a silent worker holds; empty for one that is not silent or
 *     holds nothing, and where no worker lives that could
 * @param held how many tasks it holds: those that run, that are about to, and that have ended and are not committed yet
 * @param quiet who asked it to claim nothing more, if anybody did
 * @param details what it says of itself with its heartbeat; empty where {@code problem} tells why not
 * @param problem why there are no details: it has said nothing, as of an older version; it was lost, and its tasks were taken
 *     back; or what stands there is unreadable
 */
public record WorkerInfo(
        String name,
        String queue,
        Instant asOf,
        Instant lastBeat,
        boolean silent,
        Optional<Duration> recoveredIn,
        long held,
        Optional<Quiet> quiet,
        Optional<Details> details,
        Optional<String> problem) {

    /**
     * Who made a worker quiet. Both are empty where another program wrote something else.
     *
     * @param by the user and the host
     * @param since since when, by Redis' clock
     */
    public record Quiet(Optional<String> by, Optional<Instant> since) {

        /**
         * @return all of it in one line, such as {@code quiet by ann@web-1 since 2026-12-01T09:00:00Z}
         */
        public String describe() {
            return "quiet" + by.map(user -> " by " + user).orElse("")
                    + since.map(time -> " since " + time).orElse("");
        }
    }

    /**
     * What a worker says of itself.
     *
     * @param host the name of its host
     * @param pid its process
     * @param version the version of the jar that it runs from; empty for one that is not packaged
     * @param startedAt when it started, by Redis' clock
     * @param threads how many tasks it runs at the same time, of all its queues
     * @param queues the queues that it serves, in the order in which they were given
     * @param types the types that it has handlers for, sorted: the first 1,000 at most
     * @param allTypes whether these are all
     * @param busy how many of its threads run a task of this queue, with those that it has given up on
     * @param running what they run: the first 1,000 at most
     * @param quiet who made it quiet, through whichever of its queues, as it knew at its latest beat
     */
    public record Details(
            String host,
            long pid,
            Optional<String> version,
            Instant startedAt,
            int threads,
            List<String> queues,
            List<String> types,
            boolean allTypes,
            int busy,
            List<Running> running,
            Optional<Quiet> quiet) {

        /** Copies the lists. */
        public Details {
            queues = List.copyOf(queues);
            types = List.copyOf(types);
            running = List.copyOf(running);
        }
    }

    /**
     * A task that a worker runs.
     *
     * @param id the task's id
     * @param type its type
     * @param since when its handler was called, by Redis' clock
     * @param thread the name of the thread
     * @param abandoned whether the worker has given up on it: its handler ignores its interrupt
     */
    public record Running(String id, String type, Instant since, String thread, boolean abandoned) {}

    /**
     * @param type a type of task
     * @return false if it certainly has no handler for it; true also where nothing is known of it
     */
    public boolean mayHandle(String type) {
        return details.map(known -> !known.allTypes() || known.types().contains(type))
                .orElse(true);
    }
}
