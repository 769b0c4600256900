package dev.taskqueue.broker;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Cron;
import dev.taskqueue.CronEntry;
import dev.taskqueue.Enqueued;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.broker.internal.CronStore;
import dev.taskqueue.internal.TaskLimits;
import java.util.List;
import java.util.Optional;

/**
 * The schedules of one queue, at most 1,000. Any worker of the queue fires those that are due, at most a second late: none
 * leads, and each fire is one atomic step in Redis, which decides by its own clock and happens once. Each call here is atomic
 * too, and may be made again where it is not known what became of it.
 *
 * <p>Thread-safe. Every method throws {@link BrokerUnavailableException} where Redis does not answer and
 * {@link BrokerRejectedException} where it refuses this user.
 */
public final class Crons {

    /** How long the name of an owner may be, in characters. */
    private static final int OWNER_LENGTH = 128;

    private final CronStore store;

    Crons(CronStore store) {
        this.store = store;
    }

    /**
     * Adds a schedule, or changes the one of its name. It fires for no time before now, and a change that leaves spec and zone as
     * they are leaves the next fire as it is. One that is paused stays so; one that was set aside is whole again. It
     * belongs to no owner from now on.
     *
     * @param cron the schedule; at most 64 KiB as JSON
     * @return it as it stands now
     * @throws InvalidTaskException if it is too large, or there are too many
     */
    public CronEntry put(Cron cron) {
        TaskLimits.checkPresent("cron", cron);
        return store.put(cron);
    }

    /**
     * Removes a schedule. Tasks that it has enqueued stay.
     *
     * @param name its name
     * @return whether there was one
     */
    public boolean remove(String name) {
        TaskLimits.checkPresent("name", name);
        return store.remove(name);
    }

    /**
     * @return all schedules, by name; of those that somebody else has put into Redis by hand the first 10,000 at most
     */
    public List<CronEntry> list() {
        return store.list();
    }

    /**
     * Has a schedule fire nothing until it is {@linkplain #resume resumed}.
     *
     * @param name its name
     * @return whether there is one
     * @throws InvalidTaskException if what stands there cannot be read
     */
    public boolean pause(String name) {
        TaskLimits.checkPresent("name", name);
        return store.pause(name, true);
    }

    /**
     * Has a schedule fire again, from its next time on: for none that has passed meanwhile.
     *
     * @param name its name
     * @return whether there is one
     * @throws InvalidTaskException if what stands there cannot be read
     */
    public boolean resume(String name) {
        TaskLimits.checkPresent("name", name);
        return store.pause(name, false);
    }

    /**
     * Fires a schedule now, paused or not; its next fire stays as it is. Unless its overlap is {@link Cron.Overlap#ALLOW},
     * nothing is enqueued while the task of the fire before has not ended.
     *
     * @param name its name
     * @return the task, whose id names the time of this call, or the one that has not ended, as not accepted; empty if there is
     *     no such schedule
     * @throws InvalidTaskException if what stands there cannot be read
     * @throws OutcomeUnknownException if the task may have been enqueued and may not
     */
    public Optional<Enqueued> runNow(String name) {
        TaskLimits.checkPresent("name", name);
        return store.runNow(name);
    }

    /**
     * Makes the schedules of one owner what a list says: puts each of them, as {@link #put} does, and removes those that the
     * owner put before and does not name any more. Others are left alone; one that the list names becomes the owner's.
     * All or nothing.
     *
     * @param owner who calls, such as the name of an application; 1 to 128 characters
     * @param crons the schedules; none twice, and 8 MiB as JSON at most
     * @return the names of those that were removed
     * @throws InvalidTaskException if one is not allowed, or there are too many; nothing was changed
     */
    public List<String> sync(String owner, List<Cron> crons) {
        TaskLimits.checkName("owner", owner, OWNER_LENGTH);
        TaskLimits.checkPresent("crons", crons);
        for (Cron cron : crons) {
            TaskLimits.checkPresent("cron", cron);
        }
        return store.sync(owner, crons);
    }
}
