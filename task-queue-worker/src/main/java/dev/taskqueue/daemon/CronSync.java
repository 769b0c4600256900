package dev.taskqueue.daemon;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.broker.internal.CronStore;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the schedules in Redis those of {@code CRON_FILE}, once, and tries again for as long as Redis is away. Beside the
 * worker, which does not wait for it.
 */
final class CronSync {

    private static final Logger LOG = LoggerFactory.getLogger(CronSync.class);
    private static final long PAUSE_MILLIS = 1_000;

    private final CronFile file;
    private final RedisBroker broker;
    private final StopSignal stop;

    /**
     * @throws dev.taskqueue.internal.config.InvalidSettingException if the broker does not take one of the schedules
     */
    CronSync(CronFile file, RedisBroker broker, StopSignal stop) {
        this.file = file;
        this.broker = broker;
        this.stop = stop;
        CronStore store = BrokerEngine.of(broker).crons();
        for (CronFile.Entry entry : file.entries()) {
            try {
                store.check(entry.cron());
            } catch (InvalidTaskException e) {
                throw file.invalid(entry, e.getMessage());
            }
        }
    }

    /** Returns at once. */
    void start() {
        Thread thread = new Thread(this::run, "task-queue-cron-sync");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        boolean told = false;
        while (!stop.isAsked()) {
            try {
                List<String> removed = broker.crons().sync(file.owner(), file.crons());
                LOG.atInfo()
                        .addKeyValue("owner", file.owner())
                        .addKeyValue("schedules", file.entries().size())
                        .addKeyValue("removed", removed)
                        .log("schedules synchronized");
                return;
            } catch (BrokerUnavailableException e) {
                if (!told) {
                    LOG.atWarn().addKeyValue("error", e.getMessage()).log("cannot synchronize schedules; will retry");
                    told = true;
                }
            } catch (TaskQueueException | IllegalStateException e) {
                LOG.atError().addKeyValue("error", e.getMessage()).log("cannot synchronize schedules");
                return;
            }
            try {
                stop.await(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }
}
