package dev.taskqueue.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.EvilValues;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.ShiftedClock;
import dev.taskqueue.testing.Signal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;

/** One round of {@link HostileRoundsTest}: a Redis and a fleet of its own, blows in random order, then the reckoning. */
final class HostileRound {

    static final String QUEUE = "hostile";

    private static final int WORKERS = 3;
    private static final int THREADS = 4;
    private static final int MAX_RECOVERIES = 3;
    private static final int INNOCENTS_A_BATCH = 10;
    private static final int LONG_RUN_MS = 7_000;
    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final Duration BREATH = Duration.ofSeconds(1);
    private static final Duration JUMP = Duration.ofMinutes(10);

    /** By when the fleet is ready after a blow: two leases, and what a busy machine takes to start a JVM or run a turn. */
    private static final Duration READY_AGAIN = LEASE.multipliedBy(2).plusSeconds(15);

    private static final Duration PATIENCE = Duration.ofMinutes(4);

    /** Where evil entries are put, a place before each blow. */
    private enum Place {
        NORMAL,
        HIGH,
        LOW,
        SCHEDULED,
        LIST_OF_A_DEAD_WORKER,
        LIST_OF_AN_UNREGISTERED_WORKER
    }

    private interface Blow {
        void strike() throws Exception;
    }

    private final Path folder;
    private final Optional<ShiftedClock> clock;
    private final Random random;
    private final HostileReckoning reckoning = new HostileReckoning();
    private final List<String> blows = new ArrayList<>();
    private RedisProcess redis;
    private RedisBroker broker;
    private Fleet fleet;
    private Duration offset = Duration.ZERO;
    private volatile boolean over;
    private int kills;

    HostileRound(Path folder, Optional<ShiftedClock> clock, Random random) {
        this.folder = folder;
        this.clock = clock;
        this.random = random;
    }

    /** Returns what was not as it should be, having printed one line. */
    List<String> run(String name) throws Exception {
        long beganNanos = System.nanoTime();
        clock.ifPresent(right -> right.shift(Duration.ZERO));
        redis = RedisProcess.start(clock.map(ShiftedClock::environment).orElse(Map.of()));
        try (RedisBroker own = RedisBroker.at(redis.settings()).queue(QUEUE).build()) {
            broker = own;
            broker.enqueueAll(reckoning.evilTasks(random));
            fleet = Fleet.start(folder, WORKERS, redis.settings().address(), QUEUE, THREADS, LEASE, MAX_RECOVERIES);
            Thread producer = new Thread(this::produce, "producer");
            producer.start();
            List<String> problems = new ArrayList<>();
            try {
                strikeAll();
                over = true;
                producer.join();
                problems.addAll(awaitReady("after the last blow"));
                long blowsMillis = (System.nanoTime() - beganNanos) / 1_000_000;
                problems.addAll(awaitEnd());
                problems.addAll(awaitReady("after the last task"));
                problems.addAll(reckoning.problems(redis, broker, fleet));
                System.out.printf(
                        "%s: %s; %s; %d workers killed, died by exit code %s; blows took %d ms, all %d ms; %d problems%n",
                        name,
                        String.join(", ", blows),
                        reckoning.summary(broker, fleet),
                        kills,
                        fleet.exits(),
                        blowsMillis,
                        (System.nanoTime() - beganNanos) / 1_000_000,
                        problems.size());
                return problems;
            } finally {
                over = true;
                producer.join();
                fleet.close();
            }
        } finally {
            redis.close();
        }
    }

    /** Innocents, all the time, each until it is accepted for certain: by the same id, should it be in doubt. */
    private void produce() {
        for (int batch = 0; !over; batch++) {
            List<Task> tasks = new ArrayList<>();
            for (int i = 0; i < INNOCENTS_A_BATCH; i++) {
                // A few run for longer than two leases, through whatever comes.
                boolean isLong = i < 2 && batch % 5 == 0;
                Task task = Task.of(FleetWorker.RECORD, isLong ? LONG_RUN_MS : 5 * i);
                tasks.add(i % 4 == 0 ? task.withIdempotencyKey(task.id()) : task);
            }
            enqueueForCertain(tasks);
            tasks.forEach(reckoning::succeeds);
            Failures.pause(300_000_000L);
        }
    }

    private void enqueueForCertain(List<Task> tasks) {
        while (true) {
            try {
                broker.enqueueAll(tasks);
                return;
            } catch (OutcomeUnknownException e) {
                // Perhaps accepted: a second copy does no harm.
                tasks.forEach(reckoning::doubtful);
            } catch (BrokerUnavailableException e) {
                // Certainly not accepted.
            }
            Failures.pause(200_000_000L);
        }
    }

    private void strikeAll() throws Exception {
        List<Map.Entry<String, Blow>> all = new ArrayList<>(List.of(
                Map.entry("full", this::fill),
                Map.entry("hangs", this::hang),
                Map.entry("restarted", this::restart),
                Map.entry("ghosts", this::addGhosts),
                Map.entry("killed", this::killWorker)));
        if (clock.isPresent()) {
            all.add(Map.entry("clock back", this::setClockBack));
            all.add(Map.entry("clock ahead", this::setClockAhead));
        }
        Collections.shuffle(all, random);
        List<Place> places = new ArrayList<>(List.of(Place.values()));
        Collections.shuffle(places, random);
        for (Map.Entry<String, Blow> blow : all) {
            if (!places.isEmpty()) {
                put(places.remove(0));
            }
            pause(BREATH);
            blow.getValue().strike();
            blows.add(blow.getKey());
        }
        for (Place place : places) {
            put(place);
        }
    }

    private void fill() throws InterruptedException {
        redis.command("CONFIG", "SET", "maxmemory", "1");
        killWorker();
        pause(LEASE.multipliedBy(2));
        redis.command("CONFIG", "SET", "maxmemory", "0");
    }

    private void hang() throws InterruptedException {
        Signal.send(redis.pid(), "STOP");
        pause(LEASE.multipliedBy(2));
        Signal.send(redis.pid(), "CONT");
    }

    private void restart() throws InterruptedException {
        redis.kill();
        pause(LEASE.multipliedBy(2));
        redis.restart();
    }

    private void setClockBack() throws InterruptedException {
        clock.orElseThrow().shift(offset.minus(JUMP));
        killWorker();
        pause(LEASE.multipliedBy(3));
        clock.orElseThrow().shift(offset);
    }

    /** For the rest of the round: what was scheduled by then would wait ten minutes if it were set back. */
    private void setClockAhead() {
        offset = offset.plus(JUMP);
        clock.orElseThrow().shift(offset);
    }

    /** One that has no task on trial: whoever kills that one has rightly convicted it. */
    private void killWorker() throws InterruptedException {
        int first = random.nextInt(WORKERS);
        for (int i = first; i < first + 100; i++) {
            if (fleet.kill(i, this::isNoTrial)) {
                kills++;
                return;
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    private boolean isNoTrial() {
        try {
            // For what the frozen one had sent before.
            TimeUnit.MILLISECONDS.sleep(100);
            return redis.command("EXISTS", QUEUE + ":trial").equals(0L);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (JedisException e) {
            return false;
        }
    }

    /** Workers long silent that hold nothing, and some whose list is no list. */
    private void addGhosts() {
        for (int i = 0; i < 120; i++) {
            redis.command("ZADD", QUEUE + ":workers", "1", "ghost-" + i);
        }
        for (int i = 0; i < HostileReckoning.WRONG_LISTS; i++) {
            redis.command("ZADD", QUEUE + ":workers", "1", HostileReckoning.WRONG_LIST + i);
            redis.command("SET", QUEUE + ":processing:" + HostileReckoning.WRONG_LIST + i, "no list");
        }
    }

    private void put(Place place) {
        List<EvilValues.Entry> entries = new ArrayList<>(EvilValues.entries());
        Collections.shuffle(entries, random);
        try (Jedis jedis = new Jedis("127.0.0.1", redis.settings().port(), 20_000)) {
            if (place == Place.LIST_OF_A_DEAD_WORKER) {
                jedis.zadd(QUEUE + ":workers", 1, "gone");
            }
            for (EvilValues.Entry entry : entries) {
                switch (place) {
                    case NORMAL -> jedis.lpush(QUEUE.getBytes(UTF_8), entry.bytes());
                    case HIGH, LOW -> jedis.lpush(key(place.name().toLowerCase(Locale.ROOT)), entry.bytes());
                    case SCHEDULED -> jedis.zadd(key("scheduled"), 1, entry.bytes());
                    case LIST_OF_A_DEAD_WORKER -> jedis.lpush(key("processing:gone"), entry.bytes());
                    case LIST_OF_AN_UNREGISTERED_WORKER -> jedis.lpush(key("processing:unheard-of"), entry.bytes());
                }
            }
        }
        reckoning.malformed(EvilValues.malformed().size());
    }

    private static byte[] key(String part) {
        return (QUEUE + ":" + part).getBytes(UTF_8);
    }

    /** Whoever lives for longer than a fleet may take to be ready, and is not, has failed. */
    private List<String> awaitReady(String when) {
        long beganNanos = System.nanoTime();
        List<String> problems = new ArrayList<>();
        try {
            // Pills may still kill: each worker has its time from its own start.
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(() -> {
                if (!fleet.isReady()
                        && System.nanoTime() - beganNanos > READY_AGAIN.toNanos()
                        && fleet.isUnreadyAfter(READY_AGAIN)) {
                    problems.add("not ready " + when + ": " + fleet.report());
                }
                return fleet.isReady() || !problems.isEmpty();
            });
        } catch (ConditionTimeoutException e) {
            problems.add("never ready " + when + ": " + fleet.report());
        }
        return problems;
    }

    private List<String> awaitEnd() {
        try {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> reckoning.hasEnded(redis, broker));
            return List.of();
        } catch (ConditionTimeoutException e) {
            return List.of("not all ended: " + broker.stats() + reckoning.unfinished(broker));
        }
    }

    private static void pause(Duration time) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(time.toMillis());
    }
}
