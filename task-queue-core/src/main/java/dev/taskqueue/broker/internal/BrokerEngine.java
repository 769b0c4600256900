package dev.taskqueue.broker.internal;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.Cancellation;
import dev.taskqueue.Enqueued;
import dev.taskqueue.Explanation;
import dev.taskqueue.Finding;
import dev.taskqueue.QueueSearch;
import dev.taskqueue.QueueStats;
import dev.taskqueue.Task;
import dev.taskqueue.TaskSearch;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.internal.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/**
 * What a {@link RedisBroker} stands on, and the workers with it: one queue in one Redis. Thread-safe.
 */
public final class BrokerEngine implements Destinations, AutoCloseable {

    /** The longest that {@link BrokerSession#awaitClaim} waits. */
    public static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    private static volatile Function<RedisBroker, BrokerEngine> access;

    private final String queue;
    private final QueueContext context;
    private final @Nullable ObjectMapper json;
    private final Enqueueing enqueueing;
    private final Inspection inspection;
    private final String address;
    private final Duration longestCall;
    private final boolean ownsConnections;

    /**
     * @param settings where Redis is
     * @param queue the queue's name, which was checked
     * @param limits how long things are kept and how often they are tried
     * @param json converts payloads and results; null is the default one, which is made only where it is needed
     */
    public BrokerEngine(RedisSettings settings, String queue, BrokerLimits limits, @Nullable ObjectMapper json) {
        this(
                queue,
                new QueueContext(
                        new Redis(settings, LONGEST_WAIT),
                        new Keys(queue, settings.cluster()),
                        new TaskCodec(limits.maxTaskBytes(), limits.defaultMaxRetries()),
                        limits),
                json,
                settings.address(),
                // Added, as Duration multiplies by way of BigDecimal.
                settings.connectTimeout()
                        .plus(settings.socketTimeout())
                        .plus(settings.socketTimeout())
                        .plus(LONGEST_WAIT),
                true);
    }

    private BrokerEngine(
            String queue,
            QueueContext context,
            @Nullable ObjectMapper json,
            String address,
            Duration longestCall,
            boolean ownsConnections) {
        this.queue = queue;
        this.context = context;
        this.json = json;
        this.address = address;
        this.longestCall = longestCall;
        this.ownsConnections = ownsConnections;
        enqueueing = new Enqueueing(context, context.limits().replicas());
        inspection = new Inspection(context, queue);
    }

    /**
     * To be called by {@link RedisBroker} alone, once.
     *
     * @param engineOf gives a broker's engine, so that workers can have it and users cannot
     */
    public static void grantAccess(Function<RedisBroker, BrokerEngine> engineOf) {
        access = engineOf;
    }

    /**
     * @param broker a broker
     * @return what it stands on
     */
    public static BrokerEngine of(RedisBroker broker) {
        return access.apply(broker);
    }

    /**
     * @return the queue's name
     */
    public String queue() {
        return queue;
    }

    /**
     * Gives the same for another queue, through the same connections and with the same limits: a few small objects, without
     * asking Redis. Closing it does nothing.
     *
     * @param name the other queue's name
     * @return what a broker for that queue stands on
     * @throws IllegalArgumentException if the name is not allowed
     */
    public BrokerEngine queue(String name) {
        Keys.check(name);
        return new BrokerEngine(name, context.of(name), json, address, longestCall, false);
    }

    /**
     * @return how long things are kept and how often they are tried
     */
    public BrokerLimits limits() {
        return context.limits();
    }

    /**
     * @param type names the handler
     * @param payload what the mapper writes
     * @return a new task with the library's own defaults
     */
    public Task newTask(String type, @Nullable Object payload) {
        return json == null ? Task.of(type, payload) : Task.of(type, payload, json);
    }

    /**
     * @return what converts payloads and results
     */
    public ObjectMapper json() {
        return json == null ? Json.mapper() : json;
    }

    @Override
    public List<String> queues() {
        return List.of(queue);
    }

    @Override
    public Enqueued enqueue(Task task) {
        return result(task, enqueueing.enqueue(task));
    }

    @Override
    public List<Enqueued> enqueue(List<Task> tasks) {
        Map<Integer, SentPart.Standing> standing = enqueueing.enqueue(tasks);
        List<Enqueued> results = new ArrayList<>(tasks.size());
        for (int i = 0; i < tasks.size(); i++) {
            results.add(result(tasks.get(i), standing.get(i)));
        }
        return List.copyOf(results);
    }

    /**
     * What became of a task that was sent, with its texts, by {@link #enqueueing}.
     *
     * @param standing what stands in its place; null if it was accepted
     */
    Enqueued result(Task task, SentPart.@Nullable Standing standing) {
        return standing == null
                ? new Enqueued(task.id(), true, queue)
                : new Enqueued(standing.id(), false, queue, standing.replaced());
    }

    Enqueueing enqueueing() {
        return enqueueing;
    }

    QueueContext context() {
        return context;
    }

    /**
     * @param task a task
     * @return its bytes as they travel
     */
    public byte[] format(Task task) {
        return context.codec().encode(task);
    }

    /**
     * @param text a task as it travels
     * @return the task
     */
    public Task parse(String text) {
        return context.codec().parse(text, System.currentTimeMillis());
    }

    @Override
    public Optional<TaskStatus> status(String id) {
        return inspection.status(id);
    }

    @Override
    public TaskSearch find(String id, int max) {
        return new TaskFinder(context, queue, id, max).find();
    }

    @Override
    public Explanation why(String id) {
        return new Why(context, queue, id).explain();
    }

    @Override
    public Cancellation cancel(String id, String reason) {
        return new Cancelling(context, queue, id, reason).cancel();
    }

    @Override
    public Optional<TaskStatus> await(String id, Duration atMost) throws InterruptedException {
        return FinalStatus.await(limits(), () -> inspection.status(id), atMost);
    }

    /**
     * @return what pauses and resumes the queue
     */
    public Pauses pauses() {
        return new Pauses(context);
    }

    /**
     * @return what reads the queue's workers
     */
    public WorkerReader workers() {
        return new WorkerReader(context, queue);
    }

    /**
     * @return what makes workers quiet
     */
    public QuietMarks quietMarks() {
        return new QuietMarks(context);
    }

    /**
     * @return what reads what became of tasks
     */
    public HistoryReader history() {
        return new HistoryReader(context);
    }

    /**
     * @return the schedules of the queue
     */
    public CronStore crons() {
        return new CronStore(context, queue);
    }

    /**
     * @return the dead letters
     */
    public DeadLetterStore deadLetters() {
        return new DeadLetterStore(context);
    }

    /**
     * @param atMost for how long
     * @return the queues in the whole database
     */
    public QueueSearch findQueues(Duration atMost) {
        return new QueueFinder(context.redis()).find(atMost);
    }

    /**
     * @return the tasks where they are
     */
    public TaskStore tasks() {
        return new TaskStore(context, queue);
    }

    /**
     * @return how many tasks are in each place
     */
    public QueueStats stats() {
        return inspection.stats();
    }

    /**
     * Looks at the server, and at the format of the queue.
     *
     * @return a sentence for each setting of the server under which tasks can be lost
     */
    public List<String> check() {
        List<String> warnings = new ServerCheck(context.redis(), address).run();
        Register.checkFormat(context.redis(), context.keys());
        return warnings;
    }

    /**
     * @param queues the names of some queues, in this Redis
     * @return what is wrong with it and with them, the worst first
     */
    public List<Finding> doctor(List<String> queues) {
        return new Doctor(context, address).examine(queues);
    }

    /**
     * @return the longest that one request takes where Redis hangs: waiting for a connection, making it, and the answer
     */
    public Duration longestCall() {
        return longestCall;
    }

    /** Does nothing but throw where Redis does not answer. */
    public void ping() {
        context.redis().command("ping", Bytes::number, Command.EXISTS, context.keys().paused);
    }

    /**
     * Opens what one worker needs. It talks through this engine's connections, and needs no closing of its own.
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

    /**
     * @return whether the connections were closed, which all queues of a broker share
     */
    public boolean isClosed() {
        return context.redis().isClosed();
    }

    /** Closes the connections; does nothing if they belong to the engine that {@link #queue(String)} was called on. */
    @Override
    public void close() {
        if (ownsConnections) {
            context.redis().close();
        }
    }
}
