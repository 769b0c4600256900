package dev.taskqueue.broker;

import static dev.taskqueue.broker.Bytes.bytes;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.QueueStats;
import dev.taskqueue.Task;
import dev.taskqueue.TaskStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One queue in one Redis: takes tasks in, tells how they fare, and opens a {@link BrokerSession} for each worker. An
 * accepted task is, at every instant, in exactly one of a lane, a worker's processing list, {@code scheduled} or
 * {@code dead}, or finished: every move between them is one atomic step in Redis.
 *
 * <p>Thread-safe; make one and share it. Connections are opened as needed, so that making one does not need Redis to be
 * there. Every method that talks to Redis throws {@link BrokerUnavailableException} where Redis does not answer or refuses.
 */
public final class RedisBroker implements AutoCloseable {

    /** The longest that {@link BrokerSession#awaitClaim} waits. */
    public static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    /** How many tasks go to Redis in one round trip: some milliseconds of its time. */
    private static final int MAX_BATCH = 500;

    private static final int MAX_BATCH_BYTES = 4 << 20;

    private final String queue;
    private final BrokerLimits limits;
    private final TaskCodec codec;
    private final Keys keys;
    private final Redis redis;
    private final ServerCheck serverCheck;
    private final Duration longestCall;

    private RedisBroker(Builder builder) {
        queue = builder.queue;
        keys = new Keys(queue, builder.redis.cluster());
        limits = new BrokerLimits(builder.taskStatusTtl, builder.idempotencyTtl, builder.maxRecoveries);
        codec = new TaskCodec(builder.maxTaskBytes);
        redis = new Redis(builder.redis, LONGEST_WAIT);
        serverCheck = new ServerCheck(redis, builder.redis.address());
        longestCall = builder.redis
                .connectTimeout()
                .plus(builder.redis.socketTimeout().multipliedBy(2))
                .plus(LONGEST_WAIT);
    }

    /**
     * @param redis where Redis is
     * @return a builder with every default
     */
    public static Builder at(RedisSettings redis) {
        return new Builder(redis);
    }

    /**
     * Shorthand for the defaults.
     *
     * @param address {@code host:port} of Redis
     * @return a broker for the queue {@value Builder#DEFAULT_QUEUE} there
     */
    public static RedisBroker at(String address) {
        return at(RedisSettings.of(address)).build();
    }

    /**
     * @return the name of its queue
     */
    public String queue() {
        return queue;
    }

    /**
     * @return whether statuses are kept
     */
    public boolean tracksStatus() {
        return limits.tracksStatus();
    }

    /**
     * Enqueues a new task with every default.
     *
     * @param type names the handler, 1 to 128 characters
     * @param payload anything Jackson can write; null is JSON's null
     * @return the id of the task
     * @throws InvalidTaskException if the task is not allowed; nothing was sent
     * @throws OutcomeUnknownException if it may have been accepted and may not
     * @throws BrokerUnavailableException if it was certainly not accepted
     */
    public String enqueue(String type, Object payload) {
        return enqueue(Task.of(type, payload));
    }

    /**
     * Enqueues a task.
     *
     * @param task the task
     * @return its id
     * @throws InvalidTaskException if it is too large; nothing was sent
     * @throws OutcomeUnknownException if it may have been accepted and may not
     * @throws BrokerUnavailableException if it was certainly not accepted
     */
    public String enqueue(Task task) {
        enqueueAll(List.of(task));
        return task.id();
    }

    /**
     * Enqueues tasks in their order, a few hundred in each round trip. All are checked before any is sent.
     *
     * @param tasks any number
     * @throws InvalidTaskException if one is too large; nothing was sent
     * @throws OutcomeUnknownException if some were accepted, or may have been; it tells which
     * @throws BrokerUnavailableException if certainly none was accepted
     */
    public void enqueueAll(List<Task> tasks) {
        List<byte[]> texts = tasks.stream().map(codec::encode).toList();
        int accepted = 0;
        while (accepted < tasks.size()) {
            int end = accepted;
            for (long size = 0; end < tasks.size() && end - accepted < MAX_BATCH && size < MAX_BATCH_BYTES; end++) {
                size += texts.get(end).length;
            }
            accepted += enqueueBatch(tasks.subList(accepted, end), texts.subList(accepted, end), accepted);
        }
    }

    private int enqueueBatch(List<Task> tasks, List<byte[]> texts, int before) {
        try {
            return new EnqueueRequest(keys, limits.tracksStatus(), tasks, texts).send(redis, before);
        } catch (Redis.BrokenRequestException e) {
            List<String> ids = tasks.stream().map(Task::id).toList();
            throw new OutcomeUnknownException(
                    e.getMessage() + "; " + before + " tasks were accepted, and these may have been: " + ids,
                    before,
                    ids,
                    e);
        } catch (OutcomeUnknownException e) {
            throw e;
        } catch (BrokerUnavailableException e) {
            if (before == 0) {
                throw e;
            }
            throw new OutcomeUnknownException(
                    e.getMessage() + "; the first " + before + " tasks were accepted, the rest were not",
                    before,
                    List.of(),
                    e);
        }
    }

    /**
     * Writes a task as it travels: what {@link #enqueue} pushes.
     *
     * @param task the task
     * @return its bytes
     * @throws InvalidTaskException if it is too large
     */
    public byte[] format(Task task) {
        return codec.encode(task);
    }

    /**
     * Reads a task as it travels: one JSON object, of which only {@code type} is required.
     *
     * @param json the text
     * @return the task; with a fresh id, and made now, where the text does not say
     * @throws InvalidTaskException if it is no task; the message says why
     */
    public Task parse(String json) {
        byte[] utf8 = bytes(json);
        if (!Bytes.text(utf8).equals(json)) {
            throw new InvalidTaskException(
                    "the entry holds half a surrogate pair, which UTF-8 has no bytes for: escape it");
        }
        try {
            return codec.decode(utf8, System.currentTimeMillis()).task();
        } catch (MalformedTaskException e) {
            throw new InvalidTaskException(e.getMessage(), e);
        }
    }

    /**
     * @param id the id of a task
     * @return what is known of it; empty if there never was one, or its status was not kept or has expired
     * @throws dev.taskqueue.TaskQueueException if something else stands where its status should
     */
    public Optional<TaskStatus> status(String id) {
        Objects.requireNonNull(id, "id");
        List<byte[]> values =
                Bytes.list(redis.list(Script.STATUS, List.of(keys.task(id), keys.recoveries(id)), List.of()));
        return Optional.ofNullable(values.get(0)).map(text -> StatusCodec.read(id, text, values.get(1)));
    }

    /**
     * @return how many tasks are in each place
     */
    public QueueStats stats() {
        List<byte[]> workers = redis.call("stats", client -> client.zrange(keys.workers, 0, -1));
        List<byte[]> names = new ArrayList<>(6 + workers.size());
        names.addAll(List.of(keys.high, keys.normal, keys.low, keys.scheduled, keys.dead, keys.paused));
        workers.forEach(worker -> names.add(keys.processing(Bytes.text(worker))));
        long[] counts = redis.list(Script.STATS, names, List.of()).stream()
                .mapToLong(Bytes::number)
                .toArray();
        return new QueueStats(
                queue,
                counts[0],
                counts[1],
                counts[2],
                counts[6],
                counts[3],
                counts[4],
                workers.size(),
                counts[5] == 1);
    }

    /**
     * Looks at the server: whether it lets us in, is new enough, and keeps what it is given. To be called once, at start.
     *
     * @return a sentence for each setting of the server under which tasks can be lost
     * @throws dev.taskqueue.BrokerRejectedException if it refuses the user or the password, or is older than 6.2
     * @throws BrokerUnavailableException if it does not answer
     */
    public List<String> check() {
        return serverCheck.run();
    }

    /**
     * @return the longest that one request takes where Redis hangs: waiting for a connection, making it, and the answer
     */
    public Duration longestCall() {
        return longestCall;
    }

    /** Does nothing but throw where Redis does not answer. */
    public void ping() {
        redis.call("ping", client -> client.exists(keys.paused));
    }

    /**
     * Opens what one worker needs. It talks through this broker's connections, and needs no closing of its own.
     *
     * @param worker the worker's name, unique among all of the queue
     * @param lease how long it may be silent before its tasks are taken back; 1 s or more
     * @return its session
     */
    public BrokerSession session(String worker, Duration lease) {
        return new BrokerSession(redis, keys, codec, limits, worker, lease);
    }

    /** Closes the connections. Workers must be closed before. */
    @Override
    public void close() {
        redis.close();
    }

    /** Collects the settings of a {@link RedisBroker}. Not thread-safe. */
    public static final class Builder {

        /** The name of the queue where none is given. */
        public static final String DEFAULT_QUEUE = "gopher_tasks";

        private static final Duration LONGEST_TTL = Duration.ofDays(3650);

        private final RedisSettings redis;
        private String queue = DEFAULT_QUEUE;
        private Duration taskStatusTtl = Duration.ofHours(24);
        private Duration idempotencyTtl = Duration.ofHours(24);
        private int maxTaskBytes = 1 << 20;
        private int maxRecoveries = 3;

        private Builder(RedisSettings redis) {
            this.redis = Objects.requireNonNull(redis, "redis");
        }

        /**
         * @param name {@value #DEFAULT_QUEUE} by default; 1 to 128 characters: no blanks, no braces, none of
         *     {@code / , = ~}, and after a colon no word that names a part of a queue, such as {@code high} or {@code task}
         * @return this
         * @throws IllegalArgumentException if the name is not allowed
         */
        public Builder queue(String name) {
            Keys.check(name);
            queue = name;
            return this;
        }

        /**
         * @param ttl how long a status is kept after the task's end, 24 h by default; zero: no statuses at all
         * @return this
         */
        public Builder taskStatusTtl(Duration ttl) {
            taskStatusTtl = check("taskStatusTtl", ttl, Duration.ZERO);
            return this;
        }

        /**
         * @param ttl for how long after a success no other task of the same idempotency key runs, 24 h by default; 1 ms
         *     or more
         * @return this
         */
        public Builder idempotencyTtl(Duration ttl) {
            idempotencyTtl = check("idempotencyTtl", ttl, Duration.ofMillis(1));
            return this;
        }

        /**
         * @param bytes how large a task may be as JSON, 1 MiB by default; 1 KiB to 64 MiB
         * @return this
         */
        public Builder maxTaskBytes(int bytes) {
            if (bytes < 1 << 10 || bytes > 64 << 20) {
                throw new IllegalArgumentException(
                        "maxTaskBytes is " + bytes + "; allowed is " + (1 << 10) + " to " + (64 << 20));
            }
            maxTaskBytes = bytes;
            return this;
        }

        /**
         * @param recoveries how often a task is taken back from a lost worker, 3 by default; the next time it becomes a
         *     dead letter; 0 to 1,000,000
         * @return this
         */
        public Builder maxRecoveries(int recoveries) {
            if (recoveries < 0 || recoveries > 1_000_000) {
                throw new IllegalArgumentException("maxRecoveries is " + recoveries + "; allowed is 0 to 1000000");
            }
            maxRecoveries = recoveries;
            return this;
        }

        /**
         * @return the broker
         */
        public RedisBroker build() {
            return new RedisBroker(this);
        }

        private static Duration check(String name, Duration ttl, Duration least) {
            if (ttl.compareTo(least) < 0 || ttl.compareTo(LONGEST_TTL) > 0) {
                throw new IllegalArgumentException(
                        name + " is " + ttl + "; allowed is " + least + " to " + LONGEST_TTL);
            }
            return ttl;
        }
    }
}
