package dev.taskqueue.cli.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Transaction;

/**
 * Takes the time of an idle pick-up apart: three ways to push, each to threads that block in BLMOVE and to a worker, in
 * turns. What a way adds shows in its row.
 */
final class PickUpParts implements AutoCloseable {

    private static final String PAYLOAD = "x".repeat(20);

    private final RedisSettings settings;
    private final BareRedis bare;
    private final BareRedis served;
    private final RedisBroker bareBroker;
    private final RedisBroker servedBroker;
    private final Jedis producer;
    private final Map<Bench.Case, Bench.Figures> figures = new LinkedHashMap<>();

    /**
     * @param broker of the queue whose worker picks up; bare threads wait at one named after it
     */
    PickUpParts(RedisSettings settings, RedisBroker broker) {
        this.settings = settings;
        servedBroker = broker;
        bareBroker = broker.queue(broker.queue() + "-bare");
        served = new BareRedis(settings, servedBroker.queue());
        bare = new BareRedis(settings, bareBroker.queue());
        producer = bare.connect();
    }

    void requireEmptyQueues() {
        served.requireEmpty();
        bare.requireEmpty();
    }

    Map<Bench.Case, Bench.Figures> figures() {
        return figures;
    }

    /**
     * @param threads how many wait on either side
     * @param turn how many samples each way takes in a row
     * @param samples how many each takes in all
     */
    void measure(int threads, int turn, int samples) throws InterruptedException {
        byte[] bareList = bareBroker.queue().getBytes(UTF_8);
        byte[] list = servedBroker.queue().getBytes(UTF_8);
        try (BareWakeUps waits = new BareWakeUps(bare, bareList, threads);
                PickUps worker = new PickUps(servedBroker, threads)) {
            Map<String, Turns.Way> ways = new LinkedHashMap<>();
            ways.put("LPUSH to BLMOVE", () -> waits.sample(push(bareBroker, bareList)));
            ways.put("with status to BLMOVE", () -> waits.sample(pushWithStatus(bareBroker, bareList)));
            ways.put("enqueue to BLMOVE", () -> waits.sample(enqueue(bareBroker)));
            ways.put("LPUSH to worker", () -> worker.sample(push(servedBroker, list)));
            ways.put("with status to worker", () -> worker.sample(pushWithStatus(servedBroker, list)));
            ways.put("enqueue to worker", () -> worker.sample(enqueue(servedBroker)));
            long[][] nanos = Turns.sample(turn, samples, ways.values().toArray(Turns.Way[]::new));
            for (double quantile : new double[] {0.5, 0.99}) {
                int number = 0;
                for (String way : ways.keySet()) {
                    add(
                            way + ", " + threads + " threads, turns of " + turn + ", p" + (int) (quantile * 100),
                            Samples.quantile(nanos[0], quantile) / 1e3,
                            Samples.quantile(nanos[number++], quantile) / 1e3);
                }
            }
        } finally {
            clear();
        }
    }

    private void add(String name, double floor, double ours) {
        Bench.Figures row = figures.computeIfAbsent(
                new Bench.Case(name, "µs", false), key -> new Bench.Figures(new Samples(), new Samples()));
        row.floor().add(floor);
        row.ours().add(ours);
    }

    private static byte[] text(RedisBroker broker) {
        return broker.format(Task.of("bench", PAYLOAD));
    }

    private Runnable push(RedisBroker broker, byte[] list) {
        byte[] text = text(broker);
        return () -> producer.lpush(list, text);
    }

    /** What enqueue sends, without what makes it. */
    private Runnable pushWithStatus(RedisBroker broker, byte[] list) {
        Task task = Task.of("bench", PAYLOAD);
        byte[] text = broker.format(task);
        byte[] key = (broker.queue() + ":task:" + task.id()).getBytes(UTF_8);
        byte[] status = "{\"state\":\"pending\",\"type\":\"bench\",\"lane\":\"normal\"}".getBytes(UTF_8);
        return () -> {
            try (Transaction transaction = producer.multi()) {
                transaction.lpush(list, text);
                transaction.set(key, status);
                transaction.exec();
            }
        };
    }

    private static Runnable enqueue(RedisBroker broker) {
        Task task = Task.of("bench", PAYLOAD);
        return () -> broker.enqueue(task);
    }

    private void clear() {
        bare.clear();
        served.clear();
    }

    @Override
    public void close() {
        producer.close();
        bare.close();
        served.close();
    }
}
