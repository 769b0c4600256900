package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.TaskQueueException;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fires the schedules that are due: reads them, works out for each what it is late with, and enqueues its task. Each is one
 * step in Redis that only counts if score and definition are still those that were read. What cannot be read is set aside,
 * with the reason; what cannot be enqueued, or waits for the task before, is looked at again; neither stops the others.
 */
final class CronFiring {

    private static final Logger LOG = LoggerFactory.getLogger(CronFiring.class);

    /** After how many fires to let the promoter have its turn. */
    private static final int MOST_FIRES = 100;

    /** After how many looks; each takes some off, or fires, or passes over them. */
    private static final int MOST_PAGES = 100;

    private static final int PAGE = 50;
    private static final int HEADER = 3;
    private static final int FIELDS = 3;

    private final QueueContext queue;
    private final CronTasks tasks;
    private final FirstTime firstTime = new FirstTime();

    CronFiring(QueueContext queue) {
        this.queue = queue;
        this.tasks = new CronTasks(queue);
    }

    private enum Result {
        /** It is not due any more, or due for something else. */
        DONE,
        /** It stays as it is for now. */
        WAITS
    }

    /** A schedule that is due, as it was read. */
    private record Due(byte[] cron, String score, byte[] text) {}

    /** Returns whether there is more to do at once; else what is still due can only be waited for. */
    boolean fire() {
        int waiting = 0;
        int done = 0;
        for (int page = 0; page < MOST_PAGES && done < MOST_FIRES; page++) {
            List<Object> reply = queue.redis()
                    .list(
                            Script.CRON_DUE,
                            queue.keys().crons(),
                            List.of(bytes(waiting), bytes(PAGE), bytes(CronDefinition.MAX_BYTES)));
            String error = Bytes.text((byte[]) reply.get(1));
            if (!error.isEmpty()) {
                complain(error);
                return false;
            }
            if (Bytes.number(reply.get(2)) == 0) {
                return done > 0;
            }
            Instant now = Instant.ofEpochMilli(Bytes.number(reply.get(0)));
            for (int i = HEADER; i < reply.size(); i += FIELDS) {
                if (fire(due(reply.subList(i, i + FIELDS)), now) == Result.WAITS) {
                    waiting++;
                } else {
                    done++;
                }
            }
        }
        return true;
    }

    private static Due due(List<Object> fields) {
        return new Due((byte[]) fields.get(0), Bytes.text((byte[]) fields.get(1)), (byte[]) fields.get(2));
    }

    private Result fire(Due due, Instant now) {
        try {
            CronDefinition definition = CronDefinition.read(Bytes.text(due.cron()), due.text(), queue.codec());
            CronPlan plan = definition.paused() ? CronPlan.NONE : CronPlan.of(definition.cron(), due.score(), now);
            return carryOut(tasks.fire(due.cron(), due.score(), due.text(), definition, plan, now));
        } catch (BrokerUnavailableException | BrokerRejectedException | BrokerClosedException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            String problem = e instanceof TaskQueueException ? e.getMessage() : e.toString();
            LOG.atError()
                    .addKeyValue("schedule", Bytes.text(due.cron()))
                    .addKeyValue("reason", problem)
                    .log("schedule set aside");
            return carryOut(tasks.setAside(due.cron(), due.score(), due.text(), problem));
        }
    }

    private Result carryOut(CronTasks.Fire fire) {
        CronTasks.Fired fired = fire.carryOut();
        fired.holder()
                .ifPresent(holder -> LOG.atDebug()
                        .addKeyValue("task_id", fire.id())
                        .addKeyValue("unfinished", holder)
                        .log(
                                fire.waits()
                                        ? "fire waits for an unfinished task"
                                        : "fire skipped for an unfinished task"));
        if (fired.error().isEmpty()) {
            return fired.holder().isPresent() && fire.waits() ? Result.WAITS : Result.DONE;
        }
        if (!fired.error().equals(CronTasks.STALE)) {
            complain(fired.error());
        }
        // Stale: most likely another worker was faster. Should it still be due, the next look finds it.
        return Result.WAITS;
    }

    private void complain(String error) {
        if (firstTime.of(error)) {
            LOG.atError().addKeyValue("error", error).log("cannot fire schedules; will retry");
        }
    }
}
