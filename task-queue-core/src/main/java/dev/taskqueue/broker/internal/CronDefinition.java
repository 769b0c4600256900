package dev.taskqueue.broker.internal;

import dev.taskqueue.Cron;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.Priority;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.TaskHistory;
import dev.taskqueue.Unique;
import dev.taskqueue.internal.JsonWriter;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.internal.Zones;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A schedule as it stands in Redis: one JSON object, of the fields of the task that it enqueues, and its own. Of those only
 * {@code type} and {@code spec} are required. Fields that are not known travel into each task.
 *
 * @param paused whether it fires nothing
 * @param owner who put it by a sync
 * @param unknown fields that this version does not know
 */
record CronDefinition(Cron cron, boolean paused, Optional<String> owner, Map<String, RawJson> unknown) {

    /** How long a definition may be, in bytes. */
    static final int MAX_BYTES = 64 << 10;

    private static final RawJson TRUE = RawJson.parse("true");

    private static final byte[] SPEC = JsonWriter.name("spec");
    private static final byte[] ZONE = JsonWriter.name("zone");
    private static final byte[] TYPE = JsonWriter.name("type");
    private static final byte[] PAYLOAD = JsonWriter.name("payload");
    private static final byte[] MAX_RETRIES = JsonWriter.name("max_retries");
    private static final byte[] PRIORITY = JsonWriter.name("priority");
    private static final byte[] TIMEOUT_MS = JsonWriter.name("timeout_ms");
    private static final byte[] OVERLAP = JsonWriter.name("overlap");
    private static final byte[] CATCH_UP = JsonWriter.name("catch_up");
    private static final byte[] OWNER = JsonWriter.name("owner");
    private static final byte[] PAUSED = JsonWriter.name("paused");

    static CronDefinition of(Cron cron, Optional<String> owner) {
        return new CronDefinition(cron, false, owner, Map.of());
    }

    CronDefinition withPaused(boolean now) {
        return new CronDefinition(cron, now, owner, unknown);
    }

    /** Whether it fires at the same times as another. */
    boolean firesLike(CronDefinition other) {
        return cron.spec().equals(other.cron.spec()) && cron.zone().equals(other.cron.zone()) && paused == other.paused;
    }

    /**
     * @throws InvalidTaskException if it is too large
     */
    byte[] write() {
        JsonWriter json = new JsonWriter(160 + cron.payload().size())
                .field(SPEC, cron.spec().toString())
                .field(ZONE, cron.zone().getId())
                .field(TYPE, cron.type())
                .field(PAYLOAD, cron.payload());
        if (cron.maxRetries() != null) {
            json.field(MAX_RETRIES, cron.maxRetries());
        }
        if (cron.priority() != Priority.NORMAL) {
            json.field(PRIORITY, cron.priority().wireName());
        }
        if (cron.timeout() != null) {
            json.field(TIMEOUT_MS, cron.timeout().toMillis());
        }
        json.field(OVERLAP, cron.overlap().wireName())
                .field(CATCH_UP, cron.catchUp().wireName());
        owner.ifPresent(name -> json.field(OWNER, name));
        if (paused) {
            json.field(PAUSED, TRUE);
        }
        unknown.forEach(json::field);
        byte[] bytes = json.toBytes();
        if (bytes.length > MAX_BYTES) {
            throw new InvalidTaskException("schedule " + cron.name() + " is " + bytes.length
                    + " bytes as JSON; at most " + MAX_BYTES + " are allowed");
        }
        return bytes;
    }

    /**
     * @param codec reads the fields of the task
     * @throws InvalidTaskException if it is no schedule; the message says why
     */
    static CronDefinition read(String name, byte[] text, TaskCodec codec) {
        Task task = task(text, codec);
        if (task.idempotencyKey().isPresent()) {
            throw new InvalidTaskException(
                    "idempotency_key is not allowed in a schedule: one of its tasks would succeed");
        }
        if (task.runAt().isPresent() || task.expiresAt().isPresent()) {
            throw new InvalidTaskException(
                    "run_at and expires_at are not allowed in a schedule: they would be the same for all of its tasks");
        }
        if (task.unique().isPresent()) {
            throw new InvalidTaskException("unique is not allowed in a schedule: overlap says what it would");
        }
        Map<String, RawJson> fields = new LinkedHashMap<>(task.extraFields());
        Optional<String> zone = string(fields, "zone");
        Optional<String> overlap = string(fields, "overlap");
        Optional<String> catchUp = string(fields, "catch_up");
        Cron plain = Cron.of(name, string(fields, "spec").orElse(null), task.type(), task.payload());
        Cron cron = new Cron(
                name,
                plain.spec(),
                zone.map(Zones::parse).orElse(plain.zone()),
                task.type(),
                task.payload(),
                says(text, "max_retries") ? Integer.valueOf(task.maxRetries()) : null,
                task.priority(),
                task.timeout().orElse(null),
                overlap.map(Cron.Overlap::ofWireName).orElse(plain.overlap()),
                catchUp.map(Cron.CatchUp::ofWireName).orElse(plain.catchUp()));
        return new CronDefinition(cron, isTrue(fields.remove("paused")), string(fields, "owner"), fields);
    }

    /**
     * @param defaultMaxRetries for a schedule that does not say
     */
    Task task(String id, long now, int defaultMaxRetries) {
        Task task = Task.of(cron.type(), cron.payload())
                .withId(id)
                .withHistory(TaskHistory.startingAt(now))
                .withMaxRetries(cron.maxRetries() == null ? defaultMaxRetries : cron.maxRetries())
                .withPriority(cron.priority());
        task = cron.timeout() == null ? task : task.withTimeout(cron.timeout());
        task = overlap().map(task::unique).orElse(task);
        return unknown.isEmpty() ? task : task.withExtraFields(unknown);
    }

    /** What keeps its tasks from overlapping: they share a unique key. Empty where they may overlap. */
    private Optional<Unique> overlap() {
        Unique unique = Unique.by("cron:" + cron.name());
        return switch (cron.overlap()) {
            case SKIP -> Optional.of(unique);
            // For one whose key another task got hold of after all: it waits as well.
            case QUEUE -> Optional.of(unique.orElse(Unique.OrElse.RUN_AFTER));
            case ALLOW -> Optional.empty();
        };
    }

    private static Task task(byte[] text, TaskCodec codec) {
        try {
            return codec.decode(text, 0).task();
        } catch (MalformedTaskException e) {
            throw new InvalidTaskException(e.getMessage(), e);
        }
    }

    private static boolean says(byte[] text, String field) {
        boolean[] found = {false};
        RawJson.readMembers(text, (name, value) -> found[0] = name.equals(field) ? !value.isNull() : found[0]);
        return found[0];
    }

    private static boolean isTrue(RawJson value) {
        return value != null && value.equals(TRUE);
    }

    /** Takes a field out of those that are not known. */
    private static Optional<String> string(Map<String, RawJson> fields, String name) {
        RawJson value = fields.remove(name);
        if (value == null || value.isNull()) {
            return Optional.empty();
        }
        return Optional.of(value.stringValue()
                .orElseThrow(() -> new InvalidTaskException(
                        name + " is " + TaskLimits.shorten(value.toString()) + "; it must be a string")));
    }
}
