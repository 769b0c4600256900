package dev.taskqueue.view;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.taskqueue.CronEntry;

/** One schedule. */
public final class CronView {

    private CronView() {}

    /**
     * @param entry the schedule as it stands
     * @return a new object
     */
    public static ObjectNode of(CronEntry entry) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode().put("name", entry.name());
        entry.cron().ifPresent(cron -> {
            fields.put("spec", cron.spec().toString())
                    .put("zone", cron.zone().getId())
                    .put("type", cron.type())
                    .putRawValue("payload", new RawValue(cron.payload().toString()));
            if (cron.maxRetries() != null) {
                fields.put("max_retries", cron.maxRetries());
            }
            fields.put("overlap", cron.overlap().wireName())
                    .put("catch_up", cron.catchUp().wireName());
        });
        fields.put("paused", entry.paused());
        entry.owner().ifPresent(owner -> fields.put("owner", owner));
        entry.nextFire().ifPresent(next -> fields.put("next_fire", next.toString()));
        entry.lastTaskId().ifPresent(id -> fields.put("last_task_id", id));
        entry.problem().ifPresent(problem -> fields.put("problem", problem));
        return fields;
    }
}
