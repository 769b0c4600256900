package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.args.ListDirection;

/** Turns entries into claims of one worker: from the lanes, or from what a lost reply left in its processing list. */
final class Claiming {

    private static final Logger LOG = LoggerFactory.getLogger(Claiming.class);

    /** What the claim script returns before the entries. */
    private static final int HEADER = 5;

    private static final int MAX_PAGE = 1_000;

    /** How many tasks get their ids in one step: each is looked for in the list. */
    private static final int MAX_IDENTIFIED = 200;

    private final Redis redis;
    private final Keys keys;
    private final TaskCodec codec;
    private final Settlement settlement;
    private final ReplyBounds bounds;
    private final ProcessingList lists;
    private final String worker;
    private final byte[] processing;
    private final ServerClock clock;
    private final Parking parking;
    private final FirstTime firstTime = new FirstTime();
    /** How many entries a claim pops at a time to begin with, as the last one found: few while they are large. */
    private volatile long stride = 1;

    Claiming(
            QueueContext queue,
            Settlement settlement,
            ReplyBounds bounds,
            ProcessingList lists,
            ServerClock clock,
            Parking parking,
            String worker) {
        this.redis = queue.redis();
        this.keys = queue.keys();
        this.codec = queue.codec();
        this.settlement = settlement;
        this.bounds = bounds;
        this.lists = lists;
        this.clock = clock;
        this.parking = parking;
        this.worker = worker;
        this.processing = keys.processing(worker);
    }

    ClaimBatch claim(int max) {
        List<byte[]> names =
                List.of(keys.paused, keys.high, keys.normal, keys.low, processing, keys.dead, keys.cancelled);
        List<byte[]> parked = parking.lists();
        if (!parked.isEmpty()) {
            names = new ArrayList<>(names);
            names.addAll(parked);
        }
        List<Object> reply =
                redis.list(Script.CLAIM, names, List.of(bytes(max), bounds.room, bounds.longest, bytes(stride)));
        if (reply == null) {
            return ClaimBatch.PAUSED;
        }
        if (reply.isEmpty()) {
            return ClaimBatch.EMPTY;
        }
        stride = Bytes.number(reply.get(0));
        int buried = bounds.oversized(reply, 1);
        String error = Bytes.text((byte[]) reply.get(3));
        if (!error.isEmpty() && firstTime.of(error)) {
            LOG.atError().addKeyValue("error", error).log("cannot read lane; skipped");
        }
        boolean anyCancelled = Bytes.number(reply.get(4)) > 0;
        return admit(Bytes.list(reply.subList(HEADER, reply.size())), buried, anyCancelled);
    }

    ClaimBatch awaitClaim(Duration patience) {
        CommandArguments wait = new CommandArguments(Command.BLMOVE)
                .key(keys.normal)
                .key(processing)
                .add(ListDirection.RIGHT)
                .add(ListDirection.LEFT)
                .add(patience.toMillis() / 1000.0)
                .blocking();
        // BLMOVE sees neither a pause nor a tombstone. What is asked behind it is answered right after it, before
        // anybody
        // else's command. A key that is named twice counts twice: 1 is tombstones, 2 a pause, 3 both.
        CommandArguments ask = new CommandArguments(Command.EXISTS)
                .key(keys.paused)
                .key(keys.paused)
                .key(keys.cancelled);
        List<Object> replies = redis.callTogether("await claim", wait, ask);
        byte[] raw = (byte[]) replies.get(0);
        boolean paused = Bytes.number(replies.get(1)) >= 2;
        boolean anyCancelled = Bytes.number(replies.get(1)) % 2 == 1;
        if (raw == null) {
            return paused ? ClaimBatch.PAUSED : ClaimBatch.EMPTY;
        }
        if (bounds.isOversized(raw)) {
            // Buried where it is: to write its envelope here would take several times its size.
            return new ClaimBatch(List.of(), lists.page(processing, 0, 1).buried(), paused, false);
        }
        ClaimBatch claimed = admit(List.of(raw), 0, anyCancelled);
        return paused ? new ClaimBatch(claimed.claims(), claimed.malformed(), true, anyCancelled) : claimed;
    }

    /** Nobody may claim meanwhile; what is settled meanwhile can only make a page miss an entry, which the next call finds. */
    ClaimBatch adopt(Collection<Claim> held) {
        Map<Bytes, Integer> known = null;
        List<byte[]> orphans = new ArrayList<>();
        long bytes = 0;
        int buried = 0;
        ProcessingList.Page page = null;
        while ((page == null || !page.isLast()) && bytes < bounds.roomBytes()) {
            page = lists.page(processing, page == null ? 0 : page.next(), MAX_PAGE);
            buried += page.buried();
            if (known == null && !page.entries().isEmpty()) {
                known = count(held);
            }
            for (byte[] raw : page.entries()) {
                if (known.merge(new Bytes(raw), -1, Integer::sum) < 0) {
                    orphans.add(raw);
                    bytes += raw.length;
                }
            }
        }
        // The oldest are to be run first.
        Collections.reverse(orphans);
        // Seldom, so that it is as well to ask.
        return admit(orphans, buried, true);
    }

    private static Map<Bytes, Integer> count(Collection<Claim> held) {
        Map<Bytes, Integer> known = new HashMap<>();
        held.forEach(claim -> known.merge(new Bytes(claim.raw()), 1, Integer::sum));
        return known;
    }

    ClaimBatch admit(List<byte[]> raws, int buried, boolean anyCancelled) {
        List<Claim> claims = new ArrayList<>(raws.size());
        Map<Claim, byte[]> nameless = new LinkedHashMap<>();
        // In their order: arrays are equal only if they are the same, which is what is meant here.
        Map<byte[], String> malformed = new LinkedHashMap<>();
        long now = clock.now();
        for (byte[] raw : raws) {
            try {
                TaskCodec.Decoded decoded = codec.decode(raw, now);
                Claim claim = newClaim(raw, decoded.task(), decoded.dated());
                if (!decoded.ownId()) {
                    nameless.put(claim, codec.write(decoded.task()));
                }
                claims.add(claim);
            } catch (MalformedTaskException e) {
                malformed.put(raw, e.getMessage());
            } catch (RuntimeException e) {
                // Whatever the cause, the other entries are claimed.
                malformed.put(raw, "the entry cannot be read: " + e);
            }
        }
        if (!malformed.isEmpty()) {
            settlement.buryMalformed(malformed);
        }
        if (!nameless.isEmpty()) {
            identify(nameless, claims);
        }
        return new ClaimBatch(claims, malformed.size() + buried, false, anyCancelled);
    }

    /** Writes fresh ids into the processing list, so that a task is the same one after a crash. */
    private void identify(Map<Claim, byte[]> nameless, List<Claim> claims) {
        Map<Claim, Claim> named = new HashMap<>();
        List<byte[]> args = new ArrayList<>();
        nameless.forEach((claim, text) -> {
            args.add(claim.raw());
            args.add(text);
            named.put(claim, newClaim(text, claim.task(), claim.dated()));
            if (args.size() == 2 * MAX_IDENTIFIED) {
                redis.run(Script.IDENTIFY, List.of(processing), args);
                args.clear();
            }
        });
        if (!args.isEmpty()) {
            redis.run(Script.IDENTIFY, List.of(processing), args);
        }
        claims.replaceAll(claim -> named.getOrDefault(claim, claim));
    }

    /**
     * Makes a claim that of a newer text, which lies in the processing list now.
     *
     * @return whether that can be read; if not, it is found there anew, and buried
     */
    boolean become(Claim claim, byte[] text) {
        try {
            Task task = codec.decode(text, clock.now()).task();
            claim.become(text, task, token(task));
            return true;
        } catch (MalformedTaskException | RuntimeException e) {
            LOG.atError()
                    .addKeyValue("task_id", claim.task().id())
                    .setCause(e)
                    .log("cannot read newest content of task");
            return false;
        }
    }

    private Claim newClaim(byte[] raw, Task task, boolean dated) {
        return new Claim(raw, task, token(task), dated);
    }

    private Optional<String> token(Task task) {
        return task.idempotencyKey().map(key -> IdempotencyLocks.newToken(task, worker));
    }
}
