package dev.taskqueue.worker;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.broker.internal.Parking;
import dev.taskqueue.broker.internal.Ranges;
import dev.taskqueue.internal.TaskLimits;
import io.prometheus.client.CollectorRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the tasks of one queue on N platform threads. The way of a task:
 *
 * <ol>
 *   <li><b>claim</b> ({@code Fetcher}): takes as many tasks as there are free slots, one for each idle runner, high before
 *       normal before low, into this worker's processing list; while tasks are short, two milliseconds of work ahead of them
 *       as well. Where nothing waits, an idle runner blocks until something arrives, and runs it itself. Whether a claim may
 *       start is decided in one place ({@code Admission}): one whose time has not come goes into {@code scheduled}, one
 *       that has expired ends, a paused queue has it back, one whose idempotency key is done is skipped, one whose key runs
 *       elsewhere goes back for a second.
 *   <li><b>run</b> ({@code Runner}): calls the handler of the task's type, classifies what it returned or threw, hands the
 *       outcome over and frees the slot.
 *   <li><b>settle</b> ({@code Settler}): commits what finished, by group. Success takes the task off the processing list; a
 *       failure puts it into {@code scheduled} with a backoff; the last failure into {@code dead}.
 *   <li><b>promote</b> ({@code Promoter}): moves tasks whose time has come from {@code scheduled} to their lane.
 *   <li><b>beat</b> ({@code Heartbeat}) and <b>reap</b> ({@code Reaper}): tell that this worker lives, and take tasks back
 *       from workers that have been silent for longer than their lease.
 * </ol>
 *
 * <p>Delivery is at least once: a task whose worker dies between the handler's end and the commit runs again. Thread-safe.
 * Nothing is left running after {@link #close()}, but for a handler that ignores its interrupt.
 */
public final class Worker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final String name;
    private final Duration grace;
    private final RunnerPool pool;
    private final WorkerRoles roles;
    private final Preload preload;
    private final Shutdown shutdown;
    private final HealthCheck healthCheck;
    private final Listeners listeners;
    private final ShutdownHook shutdownHook;
    private final List<String> queues;

    private boolean started;
    private volatile boolean taking;

    private Worker(Builder builder) {
        grace = builder.shutdownGrace;
        name = WorkerNames.next();
        shutdownHook = new ShutdownHook(this::close, "task-queue-shutdown-" + name);
        WorkerMetrics metrics = builder.metrics == null ? new WorkerMetrics(new CollectorRegistry()) : builder.metrics;
        RoleFailures failures = new RoleFailures(name, metrics);
        pool = new RunnerPool(
                builder.concurrency, builder.threads == null ? RunnerPool.platformThreads(name) : builder.threads);
        List<QueueShare> shares = builder.shares();
        queues = shares.stream().map(QueueShare::queue).toList();
        listeners = new Listeners(Stream.concat(
                        Stream.of(metrics.listener(queues, builder.handlers.keySet()), new LogListener()),
                        builder.listeners.stream())
                .toList());
        QuietState quiet = new QuietState();
        WorkerContext context = new WorkerContext(
                name,
                queues,
                quiet,
                pool,
                builder.handlers,
                builder.unknownTypeGrace,
                builder.deadMax,
                builder.deadTtl,
                builder.retryPolicy,
                builder.lease,
                metrics,
                listeners,
                failures,
                builder.timings);
        roles = new WorkerRoles(context, builder.broker, shares, builder.taskTimeout);
        shutdown = new Shutdown(pool, roles.queues());
        preload = new Preload(name, BrokerEngine.of(builder.broker)::json);
        healthCheck = new HealthCheck(roles, pool, quiet, failures, BrokerEngine.of(builder.broker));
    }

    /**
     * @param broker whose queue to work on, or through whose connections to work on several, see {@link Builder#queue}; it
     *     must outlive the worker
     * @return a builder with every default
     */
    public static Builder of(RedisBroker broker) {
        return new Builder(broker);
    }

    /**
     * Starts all threads. Where Redis is away, they wait for it.
     *
     * @return this
     * @throws IllegalStateException if it was started before
     */
    public synchronized Worker start() {
        if (started) {
            throw new IllegalStateException("worker " + name + " was started before; build another one");
        }
        Preload.now();
        started = true;
        taking = true;
        pool.fill();
        roles.start();
        LOG.atInfo()
                .addKeyValue("worker", name)
                .addKeyValue("queues", String.join(",", queues))
                .addKeyValue("concurrency", pool.size())
                .log("worker started");
        listeners.tell(listener -> listener.workerStarted(this));
        preload.start();
        return this;
    }

    /**
     * Has this worker closed when the JVM ends, by SIGTERM or Ctrl-C: {@link #close()} in a shutdown hook. The broker may
     * stay open; it needs no closing then. The grace period of whatever stops the JVM must be longer than the worker's own.
     * Calling this again changes nothing.
     *
     * @return this
     * @throws IllegalStateException if the JVM is ending already
     */
    public synchronized Worker closeOnShutdown() {
        shutdownHook.add();
        return this;
    }

    /**
     * @return its name: that of the host, the process, and a random ending
     */
    public String name() {
        return name;
    }

    /**
     * @return the names of the queues that it serves, in the order in which they were given
     */
    public List<String> queues() {
        return queues;
    }

    /**
     * @return whether it takes tasks: it is started, not closing, and Redis answers
     */
    public boolean isReady() {
        return health().isReady();
    }

    /**
     * Looks at the worker without talking to Redis: never waits.
     *
     * @return what keeps it from doing its job, if anything does
     */
    public WorkerHealth health() {
        if (!taking) {
            return new WorkerHealth(List.of(), List.of("the worker has not started, or is closing"));
        }
        return healthCheck.run();
    }

    /**
     * Takes nothing more, lets running handlers finish within the grace period, commits, puts back at the consuming end
     * what did not finish, and ends all threads. May be called by several threads; each returns once the worker is closed.
     */
    @Override
    public synchronized void close() {
        boolean running = taking;
        started = true;
        taking = false;
        shutdownHook.remove();
        preload.close();
        if (!running) {
            roles.close();
            return;
        }
        try {
            LOG.atInfo()
                    .addKeyValue("worker", name)
                    .addKeyValue("running", pool.running().size())
                    .addKeyValue("grace_ms", grace.toMillis())
                    .log("worker closing; claiming nothing more");
            shutdown.drain(grace);
        } finally {
            roles.stop();
            roles.joinHeartbeats(Shutdown.PATIENCE);
            shutdown.leave();
            roles.join(Shutdown.PATIENCE);
            roles.close();
        }
        LOG.atInfo().addKeyValue("worker", name).log("worker closed");
        listeners.tell(listener -> listener.workerClosed(this));
    }

    /**
     * Closes several workers at the same time: they drain beside each other, not one after the other. Returns once all are
     * closed.
     *
     * @param workers any number
     */
    public static void closeAll(Collection<Worker> workers) {
        List<Thread> closers = new ArrayList<>();
        for (Worker worker : workers) {
            Thread closer = new Thread(worker::close, "task-queue-close-" + worker.name);
            closer.start();
            closers.add(closer);
        }
        boolean interrupted = false;
        for (Thread closer : closers) {
            while (closer.isAlive()) {
                try {
                    closer.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the grace period of a {@link #close()} that waits in another thread, at once. */
    public void endGrace() {
        shutdown.endGrace();
    }

    /** Collects the settings of a {@link Worker}. Not thread-safe. */
    public static final class Builder {

        private static final int MOST_QUEUES = 100;
        private static final int MOST_DEAD = 100_000_000;

        private final RedisBroker broker;
        private final Map<String, TaskHandler> handlers = new HashMap<>();
        /** By name. */
        private final Map<String, QueueShare> queues = new LinkedHashMap<>();

        private int concurrency = 5;
        private RetryPolicy retryPolicy = RetryPolicy.exponential(Duration.ofSeconds(15), Duration.ofHours(1));
        private Duration lease = Duration.ofSeconds(30);
        private Duration shutdownGrace = Duration.ofSeconds(30);
        private Optional<Duration> taskTimeout = Optional.empty();
        private Duration unknownTypeGrace = Parking.DEFAULT_GRACE;
        private int deadMax;
        private Duration deadTtl = Duration.ZERO;
        private Timings timings = Timings.DEFAULT;
        private @Nullable WorkerMetrics metrics;
        private @Nullable ThreadFactory threads;
        private final List<WorkerListener> listeners = new ArrayList<>();

        private Builder(RedisBroker broker) {
            this.broker = Objects.requireNonNull(broker, "broker");
        }

        /**
         * Serves a queue, with a weight of 1: {@link #queue(String, int)}.
         *
         * @param name the queue's name
         * @return this
         */
        public Builder queue(String name) {
            return queue(name, 1);
        }

        /**
         * Serves a queue with the worker's threads, beside all others that are named so. Without any it serves the
         * broker's own, and with any only those. An idle thread takes whatever waits in any of them; while more wait than
         * there are threads for, the threads' time is shared by weight.
         *
         * @param name the queue's name, in the same Redis as the broker's
         * @param weight its part in the time of the threads beside the others', 1 to 1,000
         * @return this
         * @throws IllegalArgumentException if the name is not allowed or was given before, the weight is out of range, or
         *     these are more than 100 queues
         */
        public Builder queue(String name, int weight) {
            return queue(name, weight, Integer.MAX_VALUE);
        }

        /**
         * Serves a queue that never has more than so many of the threads, so that slow tasks leave some to the others.
         *
         * @param name the queue's name, in the same Redis as the broker's
         * @param weight its part in the time of the threads beside the others', 1 to 1,000
         * @param maxThreads how many of its tasks the worker has in hand at most, those that wait for a thread included; 1
         *     or more
         * @return this
         * @throws IllegalArgumentException if the name is not allowed or was given before, a number is out of range, or
         *     these are more than 100 queues
         */
        public Builder queue(String name, int weight, int maxThreads) {
            if (!name.equals(broker.queue())) {
                // Refuses what is no name.
                broker.queue(name);
            }
            Ranges.check("weight", weight, 1, 1_000);
            Ranges.check("maxThreads", maxThreads, 1, Integer.MAX_VALUE);
            if (queues.putIfAbsent(name, new QueueShare(name, weight, maxThreads)) != null) {
                throw new IllegalArgumentException("queue \"" + name + "\" is given twice; only once is allowed");
            }
            Ranges.check("queues", queues.size(), 1, MOST_QUEUES);
            return this;
        }

        private List<QueueShare> shares() {
            return queues.isEmpty()
                    ? List.of(new QueueShare(broker.queue(), 1, Integer.MAX_VALUE))
                    : List.copyOf(queues.values());
        }

        /**
         * Registers a handler.
         *
         * @param type the type of task that it handles, 1 to 128 characters
         * @param handler the handler
         * @return this
         * @throws IllegalArgumentException if the type has one already
         * @throws dev.taskqueue.InvalidTaskException if no task can be of that type
         */
        public Builder handler(String type, TaskHandler handler) {
            TaskLimits.checkName("type", type, TaskLimits.TYPE_LENGTH);
            Objects.requireNonNull(handler, "handler");
            if (handlers.putIfAbsent(type, handler) != null) {
                throw new IllegalArgumentException("type \"" + type + "\" has two handlers; only one is allowed");
            }
            return this;
        }

        /** Registers {@link TaskHandler#of(Class, PayloadHandler)}: {@code (payload, task) -> result}. */
        public <P> Builder handler(String type, Class<P> payloadType, PayloadHandler<P> handler) {
            return handler(type, TaskHandler.of(payloadType, handler));
        }

        /** Registers {@link TaskHandler#of(TypeReference, PayloadHandler)}: {@code (payload, task) -> result}. */
        public <P> Builder handler(String type, TypeReference<P> payloadType, PayloadHandler<P> handler) {
            return handler(type, TaskHandler.of(payloadType, handler));
        }

        /**
         * Registers a handler without a result. It has a name of its own, as a lambda such as {@code task -> send(task)}
         * could be either.
         *
         * @param type the type of task that it handles
         * @param consumer does the work
         * @return this
         * @throws IllegalArgumentException if the type has one already
         */
        public Builder consumer(String type, TaskConsumer consumer) {
            return handler(type, TaskHandler.consuming(consumer));
        }

        /** Registers {@link TaskHandler#consuming(Class, PayloadConsumer)}: {@code (payload, task) -> …}. */
        public <P> Builder consumer(String type, Class<P> payloadType, PayloadConsumer<P> consumer) {
            return handler(type, TaskHandler.consuming(payloadType, consumer));
        }

        /** Registers {@link TaskHandler#consuming(TypeReference, PayloadConsumer)}: {@code (payload, task) -> …}. */
        public <P> Builder consumer(String type, TypeReference<P> payloadType, PayloadConsumer<P> consumer) {
            return handler(type, TaskHandler.consuming(payloadType, consumer));
        }

        /**
         * Registers several handlers.
         *
         * @param byType handlers by the type of task that they handle
         * @return this
         * @throws IllegalArgumentException if a type has one already
         */
        public Builder handlers(Map<String, TaskHandler> byType) {
            byType.forEach(this::handler);
            return this;
        }

        /**
         * @param threads how many tasks run at once, 5 by default; 1 to 10,000
         * @return this
         */
        public Builder concurrency(int threads) {
            concurrency = Ranges.check("concurrency", threads, 1, 10_000);
            return this;
        }

        /**
         * @param policy how long a task waits after a failed attempt; by default {@link RetryPolicy#exponential} from 15 s
         *     to 1 h
         * @return this
         */
        public Builder retryPolicy(RetryPolicy policy) {
            retryPolicy = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * @param silence for how long this worker may be silent before others take its tasks back, 30 s by default; 1 s to
         *     1 h. It beats four times in that. Give all workers of a queue the same
         * @return this
         */
        public Builder lease(Duration silence) {
            lease = check("lease", silence, Duration.ofSeconds(1), Duration.ofHours(1));
            return this;
        }

        /**
         * @param period how long {@link Worker#close()} waits for running handlers, 30 s by default; zero to 1 day
         * @return this
         */
        public Builder shutdownGrace(Duration period) {
            shutdownGrace = check("shutdownGrace", period, Duration.ZERO, Duration.ofDays(1));
            return this;
        }

        /**
         * @param limit how long an attempt may take whose task does not say: then its thread is interrupted and it counts
         *     as failed; zero, the default, for as long as it likes; at most 7 days. A handler that ignores the interrupt
         *     for 5 s is given up on: another thread takes its place, for at most as many as there are threads
         * @return this
         */
        public Builder taskTimeout(Duration limit) {
            check("taskTimeout", limit, Duration.ZERO, Duration.ofDays(7));
            taskTimeout = limit.isZero() ? Optional.empty() : Optional.of(limit);
            return this;
        }

        /**
         * @param grace for how long a task is parked whose type this worker has no handler for, from when a worker first met it,
         *     so that another one takes it, or this one after its next deployment; then it is a dead letter. An hour by default; zero: it
         *     dies at once; at most 365 days. To be the same in all workers of a queue
         * @return this
         */
        public Builder unknownTypeGrace(Duration grace) {
            unknownTypeGrace = check("unknownTypeGrace", grace, Duration.ZERO, Duration.ofDays(365));
            return this;
        }

        /**
         * Bounds how many dead letters its queues keep. Where there are more, one of their workers takes the oldest away, a few
         * times a lease; {@link WorkerListener#deadLettersTrimmed} is told. Of workers with different bounds the strictest counts.
         *
         * @param letters how many, at most 100,000,000; 0, the default: all
         * @return this
         */
        public Builder deadMax(int letters) {
            deadMax = Ranges.check("deadMax", letters, 0, MOST_DEAD);
            return this;
        }

        /**
         * Bounds how long its queues keep dead letters, like {@link #deadMax}. A letter that does not say when it died, as of
         * another program, is kept.
         *
         * @param age how long after its death a letter goes, 1 s to 3,650 days; zero, the default: never
         * @return this
         */
        public Builder deadTtl(Duration age) {
            deadTtl = age.isZero() ? age : check("deadTtl", age, Duration.ofSeconds(1), Duration.ofDays(3650));
            return this;
        }

        /**
         * Adds somebody to be told what happens. May be called several times.
         *
         * @param listener the listener
         * @return this
         */
        public Builder listener(WorkerListener listener) {
            listeners.add(Objects.requireNonNull(listener, "listener"));
            return this;
        }

        /**
         * Brings threads of one's own for handlers, such as virtual ones by {@code Thread.ofVirtual().factory()}; as many
         * are made as {@link #concurrency} says, and each runs one task after the other.
         *
         * @param factory makes the threads, unstarted; by default daemon platform threads
         * @return this
         */
        public Builder threads(ThreadFactory factory) {
            threads = Objects.requireNonNull(factory, "factory");
            return this;
        }

        /** For tests, which turn them instead of waiting. */
        Builder timings(Timings waits) {
            timings = waits;
            return this;
        }

        /**
         * @param shared where to count; by default a registry of its own, which nobody sees
         * @return this
         */
        public Builder metrics(WorkerMetrics shared) {
            metrics = Objects.requireNonNull(shared, "shared");
            return this;
        }

        /**
         * @return the worker; it does nothing until {@link Worker#start()}
         */
        public Worker build() {
            return new Worker(this);
        }

        /**
         * Builds and starts.
         *
         * @return the worker, started
         */
        public Worker start() {
            return build().start();
        }

        private static Duration check(String name, Duration value, Duration least, Duration most) {
            return Ranges.check(name, value, least, most);
        }
    }
}
