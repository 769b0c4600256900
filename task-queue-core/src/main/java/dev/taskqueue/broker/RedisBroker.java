package dev.taskqueue.broker;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.QueueStats;
import dev.taskqueue.Task;
import dev.taskqueue.TaskSearch;
import dev.taskqueue.TaskStatus;
import java.time.Duration;
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

    private final String queue;
    private final QueueContext context;
    private final Enqueueing enqueueing;
    private final Inspection inspection;
    private final ServerCheck serverCheck;
    private final Duration longestCall;

    private RedisBroker(Builder builder) {
        queue = builder.queue;
        context = new QueueContext(
                new Redis(builder.redis, LONGEST_WAIT),
                new Keys(queue, builder.redis.cluster()),
                new TaskCodec(builder.maxTaskBytes, builder.defaultMaxRetries),
                new BrokerLimits(builder.taskStatusTtl, builder.idempotencyTtl, builder.maxRecoveries));
        enqueueing = new Enqueueing(context, builder.replicas);
        inspection = new Inspection(context, queue);
        serverCheck = new ServerCheck(context.redis(), builder.redis.address());
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
        return context.limits().tracksStatus();
    }

    /**
     * @return how many retries a task gets that does not say
     */
    public int defaultMaxRetries() {
        return context.codec().defaultMaxRetries();
    }

    /**
     * Enqueues a new task with every default; it gets {@link #defaultMaxRetries()} retries.
     *
     * @param type names the handler, 1 to 128 characters
     * @param payload anything Jackson can write; null is JSON's null
     * @return the id of the task
     * @throws InvalidTaskException if the task is not allowed; nothing was sent
     * @throws OutcomeUnknownException if it may have been accepted and may not
     * @throws BrokerUnavailableException if it was certainly not accepted
     */
    public String enqueue(String type, Object payload) {
        return enqueue(Task.of(type, payload).withMaxRetries(defaultMaxRetries()));
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
        enqueueing.enqueue(tasks);
    }

    /**
     * Writes a task as it travels: what {@link #enqueue} pushes.
     *
     * @param task the task
     * @return its bytes
     * @throws InvalidTaskException if it is too large
     */
    public byte[] format(Task task) {
        return context.codec().encode(task);
    }

    /**
     * Reads a task as it travels: one JSON object, of which only {@code type} is required.
     *
     * @param json the text
     * @return the task; with a fresh id, {@link #defaultMaxRetries()} retries, and made now, where the text does not say
     * @throws InvalidTaskException if it is no task; the message says why
     */
    public Task parse(String json) {
        return context.codec().parse(json, System.currentTimeMillis());
    }

    /**
     * @param id the id of a task
     * @return what is known of it; empty if there never was one, or its status was not kept or has expired
     * @throws dev.taskqueue.TaskQueueException if something else stands where its status should
     */
    public Optional<TaskStatus> status(String id) {
        Objects.requireNonNull(id, "id");
        return inspection.status(id);
    }

    /**
     * Looks for a task in the places of the queue: for one that has no status, as an entry that was pushed bare has none until
     * it runs. A task that moves meanwhile may be missed.
     *
     * @param id the id of a task
     * @param max how many entries to look at in each place, the newest or next due first; 1 to 1,000,000
     * @return where it is, or how far it was looked for
     */
    public TaskSearch find(String id, int max) {
        return new TaskFinder(context, Objects.requireNonNull(id, "id"), Ranges.check("max", max, 1, 1_000_000)).find();
    }

    /**
     * @return how many tasks are in each place
     */
    public QueueStats stats() {
        return inspection.stats();
    }

    /**
     * Looks at the server: whether it lets us in, is new enough, and keeps what it is given. To be called once, at start.
     *
     * @return a sentence for each setting of the server under which tasks can be lost
     * @throws dev.taskqueue.BrokerRejectedException if it refuses the user or the password, or is older than 6.2
     * @throws BrokerUnavailableException if it does not answer
     */
    public List<String> check() {
        List<String> warnings = serverCheck.run();
        Register.checkFormat(context.redis(), context.keys());
        return warnings;
    }

    /**
     * @return the longest that one request takes where Redis hangs: waiting for a connection, making it, and the answer
     */
    public Duration longestCall() {
        return longestCall;
    }

    /** Does nothing but throw where Redis does not answer. */
    public void ping() {
        context.redis().call("ping", client -> client.exists(context.keys().paused));
    }

    /**
     * Opens what one worker needs. It talks through this broker's connections, and needs no closing of its own.
     *
     * @param worker the worker's name, unique among all of the queue; without colons
     * @param lease how long it may be silent before its tasks are taken back; 1 s or more
     * @return its session
     * @throws IllegalArgumentException if the name is empty, longer than 128 characters, or holds a colon
     */
    public BrokerSession session(String worker, Duration lease) {
        if (worker.isBlank() || worker.length() > 128 || worker.indexOf(':') >= 0) {
            throw new IllegalArgumentException(
                    "worker is \"" + worker + "\"; it must be a name of 1 to 128 characters without a colon");
        }
        return new BrokerSession(context, worker, lease);
    }

    /** Closes the connections. Workers must be closed before. */
    @Override
    public void close() {
        context.redis().close();
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
        private ReplicaWait replicas = ReplicaWait.NONE;
        private int defaultMaxRetries = Task.DEFAULT_MAX_RETRIES;

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
            taskStatusTtl = Ranges.check("taskStatusTtl", ttl, Duration.ZERO, LONGEST_TTL);
            return this;
        }

        /**
         * @param ttl for how long after a success no other task of the same idempotency key runs, 24 h by default; 1 ms
         *     or more
         * @return this
         */
        public Builder idempotencyTtl(Duration ttl) {
            idempotencyTtl = Ranges.check("idempotencyTtl", ttl, Duration.ofMillis(1), LONGEST_TTL);
            return this;
        }

        /**
         * @param bytes how large a task may be as JSON, 1 MiB by default; 1 KiB to 64 MiB
         * @return this
         */
        public Builder maxTaskBytes(int bytes) {
            maxTaskBytes = Ranges.check("maxTaskBytes", bytes, 1 << 10, 64 << 20);
            return this;
        }

        /**
         * @param recoveries how often a task is taken back from a lost worker, 3 by default; the next time it runs once
         *     more on trial, alone, and becomes a dead letter if its worker dies again; 0 to 1,000,000
         * @return this
         */
        public Builder maxRecoveries(int recoveries) {
            maxRecoveries = Ranges.check("maxRecoveries", recoveries, 0, 1_000_000);
            return this;
        }

        /**
         * Has every enqueue wait until replicas have its tasks, by {@code WAIT} in the same round trip. Where too few have
         * them in time it throws {@link OutcomeUnknownException}: the primary has them, and a failover may lose them.
         *
         * @param replicas how many, 0 by default: none is waited for; 0 to 100
         * @param timeout how long at most, for each few hundred tasks; 1 ms to 60 s
         * @return this
         */
        public Builder waitForReplicas(int replicas, Duration timeout) {
            Ranges.check("replicas", replicas, 0, 100);
            Ranges.check("timeout", timeout, Duration.ofMillis(1), Duration.ofSeconds(60));
            this.replicas = replicas == 0 ? ReplicaWait.NONE : new ReplicaWait(replicas, timeout);
            return this;
        }

        /**
         * For tasks that do not say: entries without {@code max_retries} that this broker's workers claim or
         * {@link RedisBroker#parse} reads, and those of {@link RedisBroker#enqueue(String, Object)}. A {@link Task} made in
         * Java always says: {@link Task#of} gives it {@value Task#DEFAULT_MAX_RETRIES} where
         * {@link Task#withMaxRetries} does not, and it carries that number on the wire.
         *
         * @param retries how many attempts may follow a failed first one, {@value Task#DEFAULT_MAX_RETRIES} by default; 0 to
         *     10,000
         * @return this
         */
        public Builder defaultMaxRetries(int retries) {
            defaultMaxRetries = Ranges.check("defaultMaxRetries", retries, 0, 10_000);
            return this;
        }

        /**
         * @return the broker
         */
        public RedisBroker build() {
            return new RedisBroker(this);
        }
    }
}
