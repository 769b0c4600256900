package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import redis.clients.jedis.params.ScanParams;

/**
 * What stats do not tell of one queue, as it was at one time.
 *
 * @param now that time, of Redis' clock
 * @param skew by how much this machine's clock is ahead of it at least; zero where that is not certain
 * @param brokenCrons how many schedules are set aside
 * @param parked the first types that tasks are parked of, each with how many
 * @param crons the first schedules that are set aside, and why
 * @param orphans workers that are not registered and hold tasks, as far as the keys were looked through, with how many
 */
record QueueLook(
        Instant now, Duration skew, long brokenCrons, List<Counted> parked, List<String> crons, List<Counted> orphans) {

    private static final int MOST = 100;

    /** Ten milliseconds or so of Redis' time in all. Workers go through all keys, a while at a time. */
    private static final int SCANS = 20;

    private static final int KEYS_PER_SCAN = 1_000;

    private static final int MOST_LISTS = 1_000;

    /** So many tasks of a type, or of a worker. */
    record Counted(String name, long tasks) {

        String describe() {
            return Wording.quote(name) + " (" + Wording.number(tasks) + ")";
        }
    }

    static QueueLook at(QueueContext context) {
        Keys keys = context.keys();
        List<byte[]> args = new ArrayList<>(List.of(bytes(MOST)));
        owners(context).forEach(worker -> args.add(bytes(worker)));
        long before = System.currentTimeMillis();
        List<Object> reply = context.redis()
                .list(
                        Script.DOCTOR,
                        List.of(keys.workers, keys.waiting, keys.crons().get(3), keys.normal),
                        args);
        long after = System.currentTimeMillis();
        long now = Bytes.number(reply.get(0));
        long skew = before > now ? before - now : Math.min(0, after - now);
        List<String> crons = new ArrayList<>();
        List<Object> broken = Bytes.mixedList(reply.get(3));
        for (int i = 0; i + 1 < broken.size(); i += 2) {
            crons.add(Wording.line(text(broken.get(i))) + " (" + Wording.line(text(broken.get(i + 1))) + ")");
        }
        return new QueueLook(
                Instant.ofEpochMilli(now),
                Duration.ofMillis(skew),
                Bytes.number(reply.get(1)),
                counted(reply.get(2)),
                crons,
                counted(reply.get(4)));
    }

    /** Whose processing lists are there, by the first keys of the database. */
    private static Set<String> owners(QueueContext context) {
        String prefix = Bytes.text(context.keys().processing(""));
        ScanParams params = new ScanParams().count(KEYS_PER_SCAN).match(bytes(SharedScan.glob(prefix) + "*"));
        Set<String> owners = new LinkedHashSet<>();
        String cursor = ScanStep.START;
        for (int i = 0; i < SCANS && owners.size() < MOST_LISTS; i++) {
            ScanStep step = ScanStep.take(context.redis(), "scan", context.keys().normal, cursor, params);
            step.keys().forEach(key -> owners.add(Bytes.text(key).substring(prefix.length())));
            cursor = step.cursor();
            if (step.isLast()) {
                break;
            }
        }
        return owners;
    }

    private static List<Counted> counted(Object reply) {
        List<Object> pairs = Bytes.mixedList(reply);
        List<Counted> all = new ArrayList<>();
        for (int i = 0; i + 1 < pairs.size(); i += 2) {
            all.add(new Counted(text(pairs.get(i)), Bytes.number(pairs.get(i + 1))));
        }
        return all;
    }

    private static String text(Object reply) {
        return Bytes.text((byte[]) reply);
    }
}
