package dev.taskqueue.broker.internal;

import dev.taskqueue.Cron;
import dev.taskqueue.TaskQueueException;
import java.util.List;
import java.util.Optional;

/**
 * Whether the task of the fire before holds the next one back: it does from when it is enqueued until its status is final. One
 * without a status, as it has expired or a worker keeps none, is taken for one that has ended. A status that is final stays
 * so, and the fire itself only counts if nobody has fired since: so it does no harm that the question comes first.
 */
final class CronOverlap {

    private final Redis redis;
    private final Keys keys;

    CronOverlap(QueueContext queue) {
        this.redis = queue.redis();
        this.keys = queue.keys();
    }

    /**
     * @param last the id of the task that the schedule enqueued last
     */
    boolean holdsBack(Cron cron, Optional<String> last) {
        if (cron.overlap() == Cron.Overlap.ALLOW || last.isEmpty()) {
            return false;
        }
        String id = last.get();
        byte[] status = Bytes.list(redis.list(Script.STATUS, List.of(keys.task(id), keys.recoveries(id)), List.of()))
                .get(0);
        try {
            return status != null
                    && !StatusCodec.read("", id, status, null).state().isFinal();
        } catch (TaskQueueException e) {
            // No status.
            return false;
        }
    }
}
