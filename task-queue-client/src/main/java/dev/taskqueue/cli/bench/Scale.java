package dev.taskqueue.cli.bench;

import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/** Counts what tasks and workers cost Redis as there are more of them. Workers run in processes of their own. */
@SuppressWarnings("try")
final class Scale implements AutoCloseable {

    private static final int BATCH = 500;
    /** Among how many processes idle workers are shared out at most. */
    private static final int IDLE_PROCESSES = 4;

    /** Later than anything here. */
    private static final double FAR = 4e12;

    private static final long LOOK_NANOS = 2_000_000;

    private final BareRedis bare;
    private final Jedis jedis;
    private final RedisBroker broker;
    private final Consumer<String> progress;
    private final int tasks;
    private final Map<String, RedisCost> costs = new LinkedHashMap<>();

    Scale(RedisSettings settings, RedisBroker broker, int tasks, Consumer<String> progress) {
        this.bare = new BareRedis(settings, broker.queue());
        this.jedis = bare.connect();
        this.broker = broker;
        this.tasks = tasks;
        this.progress = progress;
    }

    void requireEmptyQueue() {
        bare.requireEmpty();
    }

    /** What was counted, by case: a task, or a second. */
    Map<String, RedisCost> costs() {
        return costs;
    }

    void clear() {
        bare.clear();
    }

    @Override
    public void close() {
        jedis.close();
        bare.close();
    }

    /** What each task costs while so many processes drain the queue. */
    void drain(int processes) throws InterruptedException {
        String name = "drain by " + processes + (processes == 1 ? " process" : " processes") + ", a task";
        progress.accept(name);
        try (WorkerProcesses workers = start(processes, 1, 10)) {
            broker.pause("bench");
            enqueue(tasks);
            RedisCost before = RedisCost.read(jedis);
            broker.resume();
            await(() -> broker.stats().unfinished() == 0, 10 * LOOK_NANOS);
            costs.put(name, RedisCost.read(jedis).minus(before).dividedBy(tasks));
        }
        bare.clear();
    }

    /** What each second costs while so many workers have nothing to do. */
    void idle(int number, int seconds) throws InterruptedException {
        String name = number + " idle workers, a second";
        progress.accept(name);
        int processes = IDLE_PROCESSES;
        while (number % processes != 0) {
            processes--;
        }
        try (WorkerProcesses workers = start(processes, number / processes, 1)) {
            Thread.sleep(5_000);
            RedisCost before = RedisCost.read(jedis);
            long start = System.nanoTime();
            Thread.sleep(seconds * 1_000L);
            double passed = (System.nanoTime() - start) / 1e9;
            costs.put(name, RedisCost.read(jedis).minus(before).dividedBy(passed));
        }
        bare.clear();
    }

    /** What each task costs, of the first of so many: again and again where those are few. */
    void queued(int length) throws InterruptedException {
        String name = length + " queued, a task";
        progress.accept(name);
        // The last of them would be claimed by fewer at a time.
        int counted = Math.min(tasks, length - length / 5);
        RedisCost sum = RedisCost.NONE;
        double ended = 0;
        try (WorkerProcesses workers = start(1, 1, 10)) {
            while (ended < 0.9 * tasks) {
                broker.pause("bench");
                enqueue(length - (int) waiting());
                RedisCost before = RedisCost.read(jedis);
                broker.resume();
                await(() -> waiting() <= length - counted, LOOK_NANOS);
                sum = sum.plus(RedisCost.read(jedis).minus(before));
                ended += length - waiting();
            }
            broker.pause("bench");
        }
        costs.put(name, sum.dividedBy(ended));
        bare.clear();
    }

    /** What each task costs that becomes due while so many others are scheduled for later: to schedule, promote and run it. */
    void scheduled(int length) {
        String name = length + " scheduled, a task due";
        progress.accept(name);
        schedule(length, FAR);
        try (WorkerProcesses workers = start(1, 1, 10)) {
            RedisCost before = RedisCost.read(jedis);
            schedule(tasks, 1);
            await(() -> broker.stats().unfinished() == length, 10 * LOOK_NANOS);
            costs.put(name, RedisCost.read(jedis).minus(before).dividedBy(tasks));
        }
        bare.clear();
    }

    private WorkerProcesses start(int processes, int workers, int threads) {
        return new WorkerProcesses(
                processes, List.of("--queue", broker.queue(), "--workers", "" + workers, "--threads", "" + threads));
    }

    private long waiting() {
        return jedis.llen(broker.queue());
    }

    private void enqueue(int count) {
        for (int from = 0; from < count; from += BATCH) {
            broker.enqueueAll(newTasks(Math.min(BATCH, count - from)));
        }
    }

    private void schedule(int count, double score) {
        byte[] scheduled = bare.key("scheduled");
        for (int from = 0; from < count; from += BATCH) {
            Pipeline pipeline = jedis.pipelined();
            for (Task task : newTasks(Math.min(BATCH, count - from))) {
                pipeline.zadd(scheduled, score, broker.format(task));
            }
            pipeline.sync();
        }
    }

    private static List<Task> newTasks(int count) {
        String payload = "x".repeat(20);
        List<Task> made = new ArrayList<>(count);
        IntStream.range(0, count).forEach(i -> made.add(Task.of("bench", payload)));
        return made;
    }

    private static void await(BooleanSupplier condition, long lookNanos) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(lookNanos);
        }
    }
}
