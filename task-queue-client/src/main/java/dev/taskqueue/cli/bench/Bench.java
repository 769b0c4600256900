package dev.taskqueue.cli.bench;

import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Runs every case beside its floor, in turn, for several rounds. */
final class Bench implements AutoCloseable {

    /** What is measured, and whether more is better. */
    record Case(String name, String unit, boolean moreIsBetter) {}

    /** A case's figures: the floor's and ours. */
    record Figures(Samples floor, Samples ours) {

        double ratio() {
            return ours.median() / floor.median();
        }
    }

    private static final int LATENCY_SAMPLES = 600;
    private static final int LATENCY_TURN = 100;
    private static final int TURN = 200;
    private static final int PRODUCERS = 4;

    private final BareRedis bare;
    private final RedisBroker broker;
    private final Ours ours;
    private final int tasks;
    private final List<Integer> threads;
    private final String payload;
    private final Map<Case, Figures> figures = new LinkedHashMap<>();

    Bench(RedisSettings settings, RedisBroker broker, int tasks, List<Integer> threads, int payloadBytes) {
        this.bare = new BareRedis(settings, broker.queue());
        this.broker = broker;
        this.ours = new Ours(broker);
        this.tasks = tasks;
        this.threads = threads;
        payload = "x".repeat(payloadBytes);
    }

    @Override
    public void close() {
        bare.close();
    }

    void requireEmptyQueue() {
        bare.requireEmpty();
    }

    Map<Case, Figures> run(int rounds, Consumer<String> progress) throws InterruptedException {
        try {
            for (int round = 0; round <= rounds; round++) {
                progress.accept(round == 0 ? "warming up" : "round " + round + " of " + rounds);
                round();
                if (round == 0) {
                    figures.clear();
                }
            }
            return figures;
        } finally {
            bare.clear();
        }
    }

    private void round() throws InterruptedException {
        enqueueOneByOne();
        enqueueByMany("enqueue", ours::enqueueByMany);
        enqueueByMany("enqueueAsync", ours::enqueueAsyncByMany);
        enqueueInBatches();
        for (int count : threads) {
            drain(count);
        }
        for (int count : threads) {
            latency(count);
        }
    }

    private Figures figures(String name, String unit, boolean moreIsBetter) {
        return figures.computeIfAbsent(
                new Case(name, unit, moreIsBetter), key -> new Figures(new Samples(), new Samples()));
    }

    /** In small turns: how fast a round trip is drifts with what else the machine does. */
    private void enqueueOneByOne() {
        List<Task> some = newTasks(Math.max(1_000, tasks / 10));
        List<byte[]> texts = texts(some);
        long floorNanos = 0;
        long oursNanos = 0;
        for (int from = 0; from < some.size(); from += TURN) {
            int end = Math.min(from + TURN, some.size());
            List<byte[]> theirs = texts.subList(from, end);
            List<Task> mine = some.subList(from, end);
            floorNanos += nanos(() -> bare.push(theirs));
            oursNanos += nanos(() -> ours.enqueue(mine));
        }
        bare.clear();
        Figures row = figures("enqueue, one call a task", "tasks/s", true);
        row.floor().add(rate(some.size(), floorNanos));
        row.ours().add(rate(some.size(), oursNanos));
    }

    /** Beside the same floor: one round trip a task and thread. */
    private void enqueueByMany(String call, Consumer<List<List<Task>>> enqueue) {
        List<List<Task>> shares = new ArrayList<>();
        for (int i = 0; i < PRODUCERS; i++) {
            shares.add(newTasks(Math.max(1_000, tasks / 20)));
        }
        List<List<byte[]>> texts = shares.stream().map(this::texts).toList();
        int all = PRODUCERS * shares.get(0).size();
        Figures row = figures(call + ", " + PRODUCERS + " threads", "tasks/s", true);
        row.floor().add(rate(all, nanos(() -> bare.pushByMany(texts))));
        bare.clear();
        row.ours().add(rate(all, nanos(() -> enqueue.accept(shares))));
        bare.clear();
    }

    private void enqueueInBatches() {
        List<Task> all = newTasks(tasks);
        List<byte[]> texts = texts(all);
        Figures row = figures("enqueue, batches of 500", "tasks/s", true);
        row.floor().add(rate(all.size(), nanos(() -> bare.pushPipelined(texts))));
        bare.clear();
        row.ours().add(rate(all.size(), nanos(() -> ours.enqueueInBatches(all))));
        bare.clear();
    }

    private void drain(int count) throws InterruptedException {
        List<Task> all = newTasks(tasks);
        List<byte[]> texts = texts(all);
        String name = "drain, " + count + " threads";
        Figures row = figures(name, "tasks/s", true);
        // Each thread waits a tenth of a second in vain at the end.
        row.floor().add(rate(tasks, bareDrain(texts, () -> bare.drain(count)) - 100_000_000));
        ours.enqueueInBatches(all);
        double rate = rate(tasks, ours.drain(count, tasks).nanos());
        bare.clear();
        row.ours().add(rate);
        Figures script = figures(name + ", beside one script a task", "tasks/s", true);
        script.floor().add(rate(tasks, bareDrain(texts, () -> bare.drainByScript(count))));
        script.ours().add(rate);
        Figures scripts = figures(name + ", beside scripts over 50", "tasks/s", true);
        scripts.floor().add(rate(tasks, bareDrain(texts, () -> bare.drainByScriptOfMany(count))));
        scripts.ours().add(rate);
    }

    private long bareDrain(List<byte[]> texts, Runnable drain) {
        bare.pushPipelined(texts);
        long nanos = nanos(drain);
        bare.clear();
        return nanos;
    }

    /** In small turns, with the threads of both sides there and idle. */
    private void latency(int count) throws InterruptedException {
        Task task = newTasks(1).get(0);
        byte[] text = broker.format(task);
        long[][] nanos;
        try (BareWakeUps floor = new BareWakeUps(bare, bare.key("bare"), count);
                PickUps idle = new PickUps(broker, count)) {
            nanos = Turns.sample(
                    LATENCY_TURN,
                    LATENCY_SAMPLES,
                    () -> floor.sample(text),
                    () -> idle.sample(task.withId(Task.newId())));
        }
        bare.clear();
        for (double quantile : new double[] {0.5, 0.99}) {
            Figures row = figures("idle pick-up, " + count + " threads, p" + (int) (quantile * 100), "µs", false);
            row.floor().add(Samples.quantile(nanos[0], quantile) / 1e3);
            row.ours().add(Samples.quantile(nanos[1], quantile) / 1e3);
        }
    }

    private static long nanos(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return System.nanoTime() - start;
    }

    private static double rate(int count, long nanos) {
        return count / (nanos / 1e9);
    }

    private List<Task> newTasks(int count) {
        List<Task> made = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            made.add(Task.of("bench", payload));
        }
        return made;
    }

    private List<byte[]> texts(List<Task> some) {
        return some.stream().map(broker::format).toList();
    }
}
