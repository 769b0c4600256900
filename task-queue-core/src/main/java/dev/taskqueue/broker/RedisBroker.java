package dev.taskqueue.broker;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Cancellation;
import dev.taskqueue.EnqueueCounts;
import dev.taskqueue.Enqueued;
import dev.taskqueue.Explanation;
import dev.taskqueue.Finding;
import dev.taskqueue.FinishedTask;
import dev.taskqueue.HistoryMinute;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.PauseResult;
import dev.taskqueue.QueueSearch;
import dev.taskqueue.QueueStats;
import dev.taskqueue.Task;
import dev.taskqueue.TaskOptions;
import dev.taskqueue.TaskSearch;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.WorkerInfo;
import dev.taskqueue.broker.internal.AsyncEnqueueing;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.broker.internal.BrokerLimits;
import dev.taskqueue.broker.internal.Destinations;
import dev.taskqueue.broker.internal.HistoryReader;
import dev.taskqueue.broker.internal.Keys;
import dev.taskqueue.broker.internal.Operator;
import dev.taskqueue.broker.internal.Ranges;
import dev.taskqueue.broker.internal.ReplicaWait;
import dev.taskqueue.broker.internal.RoutedQueues;
import dev.taskqueue.broker.internal.Routes;
import dev.taskqueue.broker.internal.StreamEnqueue;
import dev.taskqueue.internal.TaskLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One queue in one Redis: takes tasks in, tells how they fare, and is what a {@code Worker} works on. {@link #queue(String)}
 * gives another queue on the same connections, and {@link Builder#route routes} send tasks of some types to other queues. An
 * accepted task is, at every instant, in exactly one of a lane, a worker's processing list, {@code scheduled} or
 * {@code dead}, or finished: every move between them is one atomic step in Redis.
 *
 * <p>Thread-safe; make one and share it. Connections are opened as needed, so that making one does not need Redis to be
 * there. Every method that talks to Redis throws {@link BrokerUnavailableException} where Redis does not answer,
 * {@link BrokerRejectedException} where it refuses this user or its settings are wrong, and {@link IllegalStateException}
 * once the broker is closed.
 */
public final class RedisBroker implements AutoCloseable {

    static {
        BrokerEngine.grantAccess(broker -> broker.engine);
    }

    private static final Duration LONGEST_AWAIT = Duration.ofDays(365);

    private static final int LONGEST_REASON = 1_000;

    private final BrokerEngine engine;
    private final Destinations destinations;
    /** Whose connections these are: itself, unless it is a view. */
    private final RedisBroker owner;
    /** Of the owner, once it is needed. */
    private volatile @Nullable AsyncEnqueueing async;

    private boolean closed;

    private RedisBroker(Builder builder) {
        owner = this;
        engine = new BrokerEngine(
                builder.redis,
                builder.queue,
                new BrokerLimits(
                        builder.taskStatusTtl,
                        builder.idempotencyTtl,
                        builder.maxRecoveries,
                        builder.maxTaskBytes,
                        builder.defaultMaxRetries,
                        builder.replicas,
                        builder.logPayloads),
                builder.json);
        destinations = builder.routes.all().isEmpty() ? engine : new RoutedQueues(engine, builder.routes);
    }

    private RedisBroker(BrokerEngine engine, RedisBroker owner) {
        this.engine = engine;
        this.destinations = engine;
        this.owner = owner;
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
        return engine.queue();
    }

    /**
     * Gives a view on another queue, or on this one without its routes. It uses the same connections, and has the same limits,
     * mapper and wait for replicas; it has no routes, so that whatever is enqueued through it is in that queue. It costs a few
     * small objects and asks Redis nothing. {@link #close()} of a view does nothing: the broker that was built owns the
     * connections, and once that is closed, so are its views.
     *
     * @param name the queue's name, as for {@link Builder#queue}
     * @return a broker for that queue
     * @throws IllegalArgumentException if the name is not allowed
     */
    public RedisBroker queue(String name) {
        return new RedisBroker(engine.queue(name), owner);
    }

    /**
     * @return the names of the queues that its tasks may be in: its own, then those of its routes in their order
     */
    public List<String> queues() {
        return destinations.queues();
    }

    /**
     * @return how many retries a task gets that does not say
     */
    public int defaultMaxRetries() {
        return engine.limits().defaultMaxRetries();
    }

    /**
     * Makes a new task with a fresh id, {@link #defaultMaxRetries()} retries and every other default, its payload written by
     * this broker's mapper, {@link Builder#json}.
     *
     * @param type names the handler, 1 to 128 characters
     * @param payload anything that the mapper can write; null is JSON's null
     * @return the task; it is not enqueued
     * @throws InvalidTaskException if the task is not allowed
     */
    public Task newTask(String type, @Nullable Object payload) {
        return engine.newTask(type, payload).withMaxRetries(defaultMaxRetries());
    }

    /**
     * Enqueues a {@linkplain #newTask new task}.
     *
     * @param type names the handler, 1 to 128 characters
     * @param payload anything that the mapper can write; null is JSON's null
     * @return what became of it, with its id
     * @throws InvalidTaskException if the task is not allowed; nothing was sent
     * @throws OutcomeUnknownException if it may have been accepted and may not
     * @throws BrokerUnavailableException if it was certainly not accepted; call again
     * @throws BrokerRejectedException if Redis refuses this user, or its settings are wrong; nothing was accepted
     */
    public Enqueued enqueue(String type, @Nullable Object payload) {
        return enqueue(newTask(type, payload));
    }

    /**
     * Enqueues a task: in the queue of the first {@linkplain Builder#route route} that fits its type, or else in this broker's own.
     *
     * @param task the task
     * @return what became of it
     * @throws InvalidTaskException if it is too large; nothing was sent
     * @throws OutcomeUnknownException if it may have been accepted and may not
     * @throws BrokerUnavailableException if it was certainly not accepted; call again
     * @throws BrokerRejectedException if Redis refuses this user, or its settings are wrong; nothing was accepted
     */
    public Enqueued enqueue(Task task) {
        TaskLimits.checkPresent("task", task);
        return destinations.enqueue(task);
    }

    /**
     * Enqueues tasks in their order, a few hundred in each round trip. All are checked before any is sent. The call as a whole is
     * not atomic; what the exceptions say of each task is exact.
     *
     * <p>Tasks that go to several queues by their routes are sent queue by queue, in the order in which the call first has a task
     * for each. Within a queue they keep their order; between queues there is none. A queue that refuses its tasks, or in a
     * cluster one whose node is away, does not keep those of the other queues back: {@link OutcomeUnknownException} tells then
     * which tasks are accepted.
     *
     * @param tasks any number
     * @return what became of each, in the same order
     * @throws InvalidTaskException if one is too large; nothing was sent
     * @throws OutcomeUnknownException if some were accepted, or may have been; it tells which
     * @throws BrokerUnavailableException if certainly none was accepted; call again
     * @throws BrokerRejectedException if Redis refuses this user, or its settings are wrong; nothing was accepted
     */
    public List<Enqueued> enqueueAll(List<Task> tasks) {
        TaskLimits.checkPresent("tasks", tasks);
        for (Task task : tasks) {
            TaskLimits.checkPresent("task", task);
        }
        return destinations.enqueue(tasks);
    }

    /**
     * Enqueues the tasks of a stream, in their order, part by part: a few hundred of them, or some 4 MiB, are in memory at a time,
     * however many there are. It is read as Redis accepts them, on the thread of the caller, and not closed. Each part is what
     * {@link #enqueueAll(List)} makes of it, and checked as its turn comes.
     *
     * @param tasks any number, even without end
     * @return how many were accepted, and how many were not as others hold their unique keys
     * @throws OutcomeUnknownException if something stopped it after tasks were enqueued, be that Redis, a task that is not allowed, or
     *     the stream itself: {@link OutcomeUnknownException#accepted()} tells how many, from the first, so that
     *     {@code tasks.skip(accepted)} goes on behind them (more than {@link Integer#MAX_VALUE} count as that). What was accepted or is in
     *     doubt behind those is told by its ids, of the last part alone. The cause tells why
     * @throws InvalidTaskException if one is null or too large, and none was enqueued before
     * @throws BrokerUnavailableException if certainly none was accepted; call again
     * @throws BrokerRejectedException if Redis refuses this user, or its settings are wrong; nothing was accepted
     */
    public EnqueueCounts enqueueAll(Stream<Task> tasks) {
        return enqueueAll(tasks, enqueued -> {});
    }

    /**
     * Like {@link #enqueueAll(Stream)}, and tells of each task.
     *
     * @param tasks any number, even without end
     * @param each told what became of each task, in their order, once its part is accepted; what it throws stops the call, as what the
     *     stream throws does
     * @return how many were accepted, and how many were not as others hold their unique keys
     */
    public EnqueueCounts enqueueAll(Stream<Task> tasks, Consumer<? super Enqueued> each) {
        TaskLimits.checkPresent("tasks", tasks);
        TaskLimits.checkPresent("each", each);
        return new StreamEnqueue(destinations, each).run(tasks);
    }

    /**
     * Enqueues a {@linkplain #newTask new task} as {@link #enqueueAsync(Task)} does.
     *
     * @param type names the handler, 1 to 128 characters
     * @param payload anything that the mapper can write; null is JSON's null
     * @return what becomes of it
     * @throws InvalidTaskException if the task is not allowed; nothing is sent
     * @throws IllegalStateException if the broker is closed
     */
    public CompletionStage<Enqueued> enqueueAsync(String type, @Nullable Object payload) {
        return enqueueAsync(newTask(type, payload));
    }

    /**
     * Enqueues a task without waiting for Redis. The tasks of all callers share round trips: while Redis is at one, up to 500 gather for
     * the next; the first of them is sent at once. It goes where {@link #enqueue(Task)} would have it. One thread sends for a broker
     * and its {@linkplain #queue(String) views}; it is started by the first call, and there until {@link #close()}.
     *
     * <p>What the caller got wrong is thrown. What becomes of the task, its stage tells, for this task alone: it completes as
     * {@link #enqueue(Task)} would have returned, or fails with {@link OutcomeUnknownException} (it may be in its queue),
     * {@link BrokerUnavailableException} (it certainly is not) or {@link BrokerRejectedException} (nor can it be, with these
     * settings). Tasks that go together do not share their fate: one that Redis refuses for itself harms no other.
     *
     * <p>The tasks of one thread, and of one queue, are enqueued in the order of its calls. Those that fail are left out, and those that
     * may have been accepted may come later than others behind them.
     *
     * <p>At most 10,000 tasks, and of large ones 8 MiB as JSON, wait for Redis. The call blocks while there is no room, for 30 s at most
     * or until its thread is interrupted (which it then stays); the stage fails with {@link BrokerUnavailableException} then.
     *
     * <p>What is hung on the stage runs on a daemon thread of the broker's own, in no particular order. If it throws, its own stages
     * fail and nothing else; if it blocks, the others are completed a little later, by up to 15 more threads. It may call any method
     * of the broker: {@code enqueueAsync} does not block there, but fails where twice the usual number of tasks waits. It should not
     * wait for another stage. To cancel the stage, or complete it by hand, does not keep the task back.
     *
     * @param task the task
     * @return what becomes of it; it completes in any case
     * @throws InvalidTaskException if it is too large; nothing is sent
     * @throws IllegalStateException if the broker is closed
     */
    public CompletionStage<Enqueued> enqueueAsync(Task task) {
        TaskLimits.checkPresent("task", task);
        BrokerEngine target = destinations instanceof RoutedQueues routed ? routed.queueOf(task) : engine;
        return owner.async().add(target, task);
    }

    private AsyncEnqueueing async() {
        AsyncEnqueueing started = async;
        if (started != null) {
            return started;
        }
        synchronized (this) {
            if (async == null) {
                async = new AsyncEnqueueing(queue(), engine.longestCall());
                if (closed) {
                    async.close();
                }
            }
            return async;
        }
    }

    /**
     * Writes a task as it travels: what {@link #enqueue(Task)} pushes.
     *
     * @param task the task
     * @return its bytes
     * @throws InvalidTaskException if it is too large
     */
    public byte[] format(Task task) {
        return engine.format(task);
    }

    /**
     * Reads a task as it travels: one JSON object, of which only {@code type} is required.
     *
     * @param json the text
     * @return the task; with a fresh id, {@link #defaultMaxRetries()} retries, and made now, where the text does not say
     * @throws InvalidTaskException if it is no task; the message says why
     */
    public Task parse(String json) {
        return engine.parse(json);
    }

    /**
     * Tells what is known of a task. With routes it is looked for in each of {@link #queues()}, in one round trip; in a cluster in
     * one for each, until it is found. Where the same id is in several queues, the first of them counts. Of a task whose queue is
     * known ({@link Enqueued#queue()}) the view {@link #queue(String)} tells it at the price of one.
     *
     * @param id the id of a task
     * @return what is known of it; empty if there never was one, or its status was not kept or has expired
     * @throws dev.taskqueue.TaskQueueException if something else stands where its status should
     */
    public Optional<TaskStatus> status(String id) {
        TaskLimits.checkPresent("id", id);
        return destinations.status(id);
    }

    /**
     * Waits until a task has ended. Its status is looked at now and then, more seldom as time goes on; at first after a few
     * milliseconds, at most after a quarter of a second. With routes each look is one of {@link #status}, but that only its own
     * queue is asked once it has been seen there.
     *
     * @param id the id of a task; one that is not known, or not yet, is waited for all the same
     * @param atMost how long to wait; zero or more
     * @return its final status; empty if it has not ended in time
     * @throws InterruptedException if the thread is interrupted
     * @throws IllegalStateException if this broker keeps no statuses
     */
    public Optional<TaskStatus> await(String id, Duration atMost) throws InterruptedException {
        TaskLimits.checkPresent("id", id);
        return destinations.await(id, Ranges.check("atMost", atMost, Duration.ZERO, LONGEST_AWAIT));
    }

    /**
     * Looks for a task in the places of the queue: for one that has no status, as an entry that was pushed bare has none until
     * it runs. A task that moves meanwhile may be missed. With routes one queue after the other is looked through, until it is
     * found.
     *
     * @param id the id of a task
     * @param max how many entries to look at in each place of each queue, the newest or next due first; 1 to 1,000,000
     * @return where it is, or how far it was looked for
     */
    public TaskSearch find(String id, int max) {
        TaskLimits.checkPresent("id", id);
        return destinations.find(id, Ranges.check("max", max, 1, 1_000_000));
    }

    /**
     * Says why a task is where it is, and what to do about it: a pause, its position in its lane, the key that it waits for, the
     * worker that holds it, what it died of. Reads its status, and looks through the first 100,000 entries of each place for one
     * that has not ended: a few round trips, and some hundred in the worst case. With routes one queue after the other is asked,
     * until it is known. It never throws because of what stands in Redis.
     *
     * @param id the id of a task
     * @return why; {@link Explanation.Code#UNKNOWN} if nothing is known of it
     */
    public Explanation why(String id) {
        TaskLimits.checkPresent("id", id);
        return destinations.why(id);
    }

    /**
     * Cancels a task, without a reason; see {@link #cancel(String, String)}.
     *
     * @param id the id of a task
     * @return what was found
     */
    public Cancellation cancel(String id) {
        return cancel(id, "");
    }

    /**
     * Cancels a task wherever it is. One that waits, or lies among the dead letters, leaves at once; a handler that runs is
     * interrupted, and its task ends as {@link dev.taskqueue.TaskState#CANCELLED} whatever it throws then, without another
     * attempt. Where it returns normally, its success stands. What is asked for is kept in Redis: a task that nobody can reach
     * just now is cancelled once its worker is back, or it is taken back from that.
     *
     * <p>A waiting task is looked for among the newest or next due 10,000
     * entries of each place. One with a status that is not among them never begins either; one without, as of a bare push, is
     * {@link Cancellation#UNKNOWN} then. The id is spent: enqueued again within ten minutes, it is cancelled again.
     *
     * <p>With routes it is looked for in each of {@link #queues()}, until one knows it.
     *
     * @param id the id of a task
     * @param reason why, for its handler and its status; at most 1,000 characters; empty for none
     * @return what was found
     * @throws InvalidTaskException if the reason is too long
     */
    public Cancellation cancel(String id, String reason) {
        TaskLimits.checkPresent("id", id);
        TaskLimits.checkPresent("reason", reason);
        checkReason(reason);
        return destinations.cancel(id, reason);
    }

    /** Of what is kept in the status of each task. */
    static void checkReason(String reason) {
        if (reason.length() > LONGEST_REASON) {
            throw new InvalidTaskException(
                    "reason is " + reason.length() + " characters long; at most " + LONGEST_REASON + " are allowed");
        }
    }

    /**
     * @return how many tasks are in each place of its own queue; for others ask their {@linkplain #queue(String) views}
     */
    public QueueStats stats() {
        return engine.stats();
    }

    /**
     * Looks for queues in the whole database, whosoever they are: a scan of its keys, a thousand at a time. A million keys take a
     * second or so. Where {@link #queues()} is all that matters, nothing has to be looked for.
     *
     * @param atMost how long to look; 1 ms to 1 min
     * @return the queues that were found, and whether these are all
     */
    public QueueSearch findQueues(Duration atMost) {
        return engine.findQueues(Ranges.check("atMost", atMost, Duration.ofMillis(1), Duration.ofMinutes(1)));
    }

    /**
     * @return the tasks of this broker's own queue, to list, purge and move
     */
    public Tasks tasks() {
        return new Tasks(engine.tasks());
    }

    /**
     * @return the dead letters of this broker's own queue
     */
    public DeadLetters deadLetters() {
        return new DeadLetters(engine.deadLetters());
    }

    /**
     * Pauses its own queue until it is {@linkplain #resume resumed}; routes do not count here. Workers begin nothing more of it:
     * what runs goes on, what they hold and have not begun goes back in its order, and delayed tasks go on coming due. The call
     * waits until each living worker has acknowledged that, 5 s at most. A pause that is there is
     * replaced.
     *
     * @param reason why, for whoever wonders; empty for no reason; cut off after 1,000 characters
     * @return the pause, and which workers have not acknowledged it
     * @throws InterruptedException if the thread is interrupted while it waits; the queue is paused
     */
    public PauseResult pause(String reason) throws InterruptedException {
        return pause(reason, Optional.empty(), Optional.empty());
    }

    /**
     * Like {@link #pause(String)}, for so long: then the queue is resumed by itself.
     *
     * @param reason why, as there
     * @param lasts for how long; 1 ms to 3,650 days
     * @return the pause, and which workers have not acknowledged it
     * @throws InterruptedException if the thread is interrupted while it waits; the queue is paused
     */
    public PauseResult pause(String reason, Duration lasts) throws InterruptedException {
        return pause(
                reason,
                Optional.of(Ranges.check("lasts", lasts, Duration.ofMillis(1), Builder.LONGEST_TTL)),
                Optional.empty());
    }

    /**
     * Like {@link #pause(String)}, until that time: then the queue is resumed by itself.
     *
     * @param reason why, as there
     * @param until when it ends, by Redis' clock
     * @return the pause, and which workers have not acknowledged it
     * @throws IllegalArgumentException if that time has passed
     * @throws InterruptedException if the thread is interrupted while it waits; the queue is paused
     */
    public PauseResult pause(String reason, Instant until) throws InterruptedException {
        TaskLimits.checkPresent("until", until);
        return pause(reason, Optional.empty(), Optional.of(until));
    }

    private PauseResult pause(String reason, Optional<Duration> lasts, Optional<Instant> until)
            throws InterruptedException {
        TaskLimits.checkPresent("reason", reason);
        return engine.pauses().pause(Operator.name(), reason, lasts, until);
    }

    /**
     * Has workers take tasks of its own queue again; they notice within half a second.
     *
     * @return whether the queue was paused
     */
    public boolean resume() {
        return engine.pauses().resume();
    }

    /**
     * Tells which workers serve its own queue, what each runs, and which have fallen silent. For a few thousand workers it asks Redis
     * a few dozen times.
     *
     * @return the workers, by name; of more than 10,000 those that have beaten last. One that was killed is among them for a
     *     day, without what it said of itself once its tasks were taken back
     */
    public List<WorkerInfo> workers() {
        return engine.workers().all();
    }

    /**
     * Has a worker claim nothing more, in any of its queues, without stopping it: what runs goes on, what it holds and has not begun
     * goes back in its order, and it goes on beating, promoting and taking back what others have lost. It hears of it within a
     * second or so, and stays quiet until {@link #unquiet}, or it ends. Not to be mixed up with {@link #pause(String)}, which is
     * of a queue, and of all workers.
     *
     * @param worker the name of a worker of its own queue
     * @return whether there is such a worker
     */
    public boolean quiet(String worker) {
        TaskLimits.checkPresent("worker", worker);
        return !engine.quietMarks().set(Operator.name(), List.of(worker)).isEmpty();
    }

    /**
     * Makes all workers of its own queue {@linkplain #quiet quiet} that live now; those that start later claim as usual.
     *
     * @return their names
     */
    public List<String> quietAll() {
        return engine.quietMarks().set(Operator.name(), List.of());
    }

    /**
     * Has a worker claim again, within half a second.
     *
     * @param worker the name of a worker that was made quiet through its own queue
     * @return whether there is such a worker, quiet or not
     */
    public boolean unquiet(String worker) {
        TaskLimits.checkPresent("worker", worker);
        return !engine.quietMarks().clear(List.of(worker)).isEmpty();
    }

    /**
     * Has all workers claim again that were made quiet through its own queue.
     *
     * @return their names
     */
    public List<String> unquietAll() {
        return engine.quietMarks().clear(List.of());
    }

    /**
     * Tells what became of tasks of its own queue, minute by minute. Workers tell it with their heartbeats, a quarter of a lease late at
     * most; what one that is killed had not told is lost, and what was under way as a connection broke may count twice.
     * What was cancelled where it waited is not counted.
     *
     * @param back how far to look back; 1 ms to 48 h
     * @return the minutes in which anything ended, the oldest first
     */
    public List<HistoryMinute> history(Duration back) {
        return engine.history().minutes(Ranges.check("back", back, Duration.ofMillis(1), HistoryReader.KEPT));
    }

    /**
     * Tells which tasks of its own queue ended last, as workers tell it with their heartbeats; see {@link #history}.
     *
     * @param max how many at most; 1 to 1,000
     * @return the tasks, roughly the latest first; each worker tells of the last 1,000 between two beats
     */
    public List<FinishedTask> recent(int max) {
        return engine.history().recent(Ranges.check("max", max, 1, HistoryReader.MAX_RECENT));
    }

    /**
     * Gives the schedules of its own queue; routes do not count here, and {@link #queue(String)} gives those of another.
     *
     * @return what adds, changes, lists and removes schedules
     */
    public Crons crons() {
        return new Crons(engine.crons());
    }

    /**
     * Looks at the server: whether it lets us in, is new enough, and keeps what it is given. To be called once, at start.
     *
     * @return a sentence for each setting of the server under which tasks can be lost
     * @throws BrokerRejectedException if it refuses the user or the password, or is older than 6.2
     * @throws BrokerUnavailableException if it does not answer
     */
    public List<String> check() {
        return engine.check();
    }

    /**
     * Looks for what is wrong, for whoever is on call: with Redis, such as eviction, memory that runs out, or slow scripts, and with
     * each of {@link #queues()}, such as silent workers, tasks that are overdue or parked, a pause that was forgotten, or dead letters
     * that grow. Each finding says what it means and what to do. It changes nothing, and takes a few dozen round trips for each
     * queue, however long that is. What this user may not ask is told as {@link Finding.Code#NOT_CHECKED}.
     *
     * @return what was found, the worst first; empty if all is well
     */
    public List<Finding> doctor() {
        return engine.doctor(queues());
    }

    /**
     * Does nothing but throw where Redis does not answer.
     *
     * @throws BrokerUnavailableException if it does not
     * @throws BrokerRejectedException if it refuses this user
     */
    public void ping() {
        engine.ping();
    }

    /**
     * Closes the connections, which its views use too; does nothing on a view. Workers must be closed before.
     *
     * <p>What {@link #enqueueAsync} has taken is sent before, for 10 s at most and one round trip's timeouts more; what is left then
     * fails with {@link BrokerUnavailableException}. The call returns once all those stages are completed, and what is hung on them has
     * run; for callbacks that block, it waits no longer than that. If its thread is interrupted, it does not wait, and what is not on
     * its way to Redis fails.
     */
    @Override
    public void close() {
        if (owner == this) {
            AsyncEnqueueing started;
            synchronized (this) {
                closed = true;
                started = async;
            }
            try {
                if (started != null) {
                    started.close();
                }
            } finally {
                engine.close();
            }
        }
    }

    /** Collects the settings of a {@link RedisBroker}. Not thread-safe. */
    public static final class Builder {

        /** The name of the queue where none is given. */
        public static final String DEFAULT_QUEUE = "gopher_tasks";

        private static final Duration LONGEST_TTL = Duration.ofDays(3650);

        private final RedisSettings redis;
        private String queue = DEFAULT_QUEUE;
        private Routes routes = Routes.NONE;
        private Duration taskStatusTtl = Duration.ofHours(24);
        private Duration idempotencyTtl = Duration.ofHours(24);
        private int maxTaskBytes = 1 << 20;
        private int maxRecoveries = 3;
        private ReplicaWait replicas = ReplicaWait.NONE;
        private int defaultMaxRetries = TaskOptions.DEFAULT_MAX_RETRIES;
        private @Nullable ObjectMapper json;
        private boolean logPayloads;

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
         * Has the tasks of some types enqueued in another queue. Routes are asked in the order in which they are given: the first
         * that fits a task's type counts, and what none fits goes to this broker's own queue. None by default. They are for what this
         * broker enqueues: workers serve its own queue, a retry stays in its queue, and a foreign producer that pushes bare
         * entries picks the queue itself.
         *
         * @param typePattern a type; or the beginning of some with {@code *} behind it, such as {@code email:*}; {@code *} alone
         *     fits all. It must leave a type that no route before it takes
         * @param queue where they go, as for {@link #queue}
         * @return this
         * @throws IllegalArgumentException if one of them is not allowed, or there are more than 1,000 routes
         */
        public Builder route(String typePattern, String queue) {
            routes = routes.with(typePattern, queue);
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
         * Java always says: {@link Task#of} gives it {@value TaskOptions#DEFAULT_MAX_RETRIES} where
         * {@link Task#withMaxRetries} does not, and it carries that number on the wire.
         *
         * @param retries how many attempts may follow a failed first one, {@value TaskOptions#DEFAULT_MAX_RETRIES} by default; 0 to
         *     10,000
         * @return this
         */
        public Builder defaultMaxRetries(int retries) {
            defaultMaxRetries = Ranges.check("defaultMaxRetries", retries, 0, 10_000);
            return this;
        }

        /**
         * @param allowed whether log lines may show parts of entries that are no task: their beginning, and the values that
         *     are not allowed; false by default, as payloads may be confidential. The dead letter holds them either way
         * @return this
         */
        public Builder logPayloads(boolean allowed) {
            logPayloads = allowed;
            return this;
        }

        /**
         * Brings a mapper of one's own for payloads and results: {@link RedisBroker#newTask}, {@code TaskContext.payload} and
         * what handlers return. The default ignores properties that a class does not have, writes times as ISO 8601 text, and
         * knows the modules of Jackson that are on the class path, such as those for {@code java.time} and
         * {@code Optional}; its limits are those of a task alone.
         *
         * @param mapper not to be configured any more once it is given
         * @return this
         */
        public Builder json(ObjectMapper mapper) {
            json = Objects.requireNonNull(mapper, "mapper");
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
