package dev.taskqueue.broker;

import static dev.taskqueue.broker.Bytes.bytes;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one worker says to the broker: claim, settle, promote, beat, recover, leave. Made by {@link RedisBroker#session}.
 * Each method that moves tasks is one atomic step in Redis, so that a crash between any two of them loses nothing.
 * Thread-safe. Every method throws {@link dev.taskqueue.BrokerUnavailableException} where Redis does not answer or refuses;
 * whatever was claimed by then stays in this worker's processing list, and {@link #adopt} finds it.
 */
public final class BrokerSession {

    private final Redis redis;
    private final Keys keys;
    private final String worker;
    private final Duration lease;
    private final Settlement settlement;
    private final Recovery recovery;
    private final Orphans orphans;
    private final Intake intake;
    /** What the machine's own clock must be corrected by to read as Redis' clock. */
    private volatile long clockOffset;

    BrokerSession(Redis redis, Keys keys, TaskCodec codec, BrokerLimits limits, String worker, Duration lease) {
        this.redis = redis;
        this.keys = keys;
        this.worker = worker;
        this.lease = lease;
        ReplyBounds bounds = new ReplyBounds(codec.maxEntryBytes());
        ProcessingList lists = new ProcessingList(redis, keys, bounds);
        DeadLetters deadLetters = new DeadLetters(codec);
        this.settlement = new Settlement(redis, keys, codec, deadLetters, limits, worker);
        this.intake = new Intake(redis, keys, codec, settlement, bounds, lists, keys.processing(worker), this::now);
        this.recovery = new Recovery(redis, keys, codec, deadLetters, limits, bounds, lists, worker, lease);
        this.orphans = new Orphans(redis, keys);
    }

    /**
     * Takes tasks that wait: high before normal before low, oldest first. Ends early after 8 MiB of them, or a 32nd of the
     * heap if that is less.
     *
     * @param max how many at most; 1 or more
     * @return what was taken; no claims where nothing waits
     */
    public ClaimBatch claim(int max) {
        return intake.claim(max);
    }

    /**
     * Waits until a task arrives on an empty queue, and takes it.
     *
     * @param patience how long to wait; at most {@link RedisBroker#LONGEST_WAIT}
     * @return what was taken; nothing once patience has run out
     */
    public ClaimBatch awaitClaim(Duration patience) {
        return intake.awaitClaim(patience);
    }

    /**
     * Finds tasks in this worker's own processing list that no thread holds: claimed by a request whose reply was lost.
     * Nobody may claim while this runs.
     *
     * @param held all claims that are not yet settled, read before this is called
     * @return the rest, to be run like any other claim
     */
    public ClaimBatch adopt(Collection<Claim> held) {
        return intake.adopt(held);
    }

    /**
     * Takes the idempotency locks of claims that are about to run. A lock lives for one lease after the latest
     * {@link #beat} that named its claim. Asking again for the same claim changes nothing.
     *
     * @param claims claims whose tasks have an idempotency key
     * @return for each what became of its lock
     */
    public List<Lock> begin(List<Claim> claims) {
        if (claims.isEmpty()) {
            return List.of();
        }
        List<byte[]> locks = new ArrayList<>(claims.size());
        List<byte[]> args = new ArrayList<>(claims.size() + 1);
        args.add(bytes(lease.toMillis()));
        addLocks(claims, locks, args);
        List<Lock> taken = new ArrayList<>(claims.size());
        List<Object> values = redis.list(Script.BEGIN, locks, args);
        for (int i = 0; i < claims.size(); i++) {
            taken.add(lock(claims.get(i), values.get(i) instanceof byte[] value ? Bytes.text(value) : ""));
        }
        return taken;
    }

    private static Lock lock(Claim claim, String value) {
        if (value.equals(claim.lockToken().orElseThrow())) {
            return Lock.TAKEN;
        }
        if (value.equals("done:" + claim.task().id())) {
            return Lock.DONE_BY_ITSELF;
        }
        if (value.startsWith("done:")) {
            return Lock.DONE;
        }
        return value.startsWith("run:") ? Lock.BUSY : Lock.UNUSABLE;
    }

    private void addLocks(Collection<Claim> claims, List<byte[]> locks, List<byte[]> tokens) {
        for (Claim claim : claims) {
            locks.add(keys.idempotency(claim.task().idempotencyKey().orElseThrow()));
            tokens.add(bytes(claim.lockToken().orElseThrow()));
        }
    }

    /**
     * Writes the status of tasks that have been running for a while. Does nothing where statuses are not kept.
     *
     * @param running the claims, each with how long it has been running
     */
    public void markRunning(Map<Claim, Duration> running) {
        settlement.markRunning(running);
    }

    /**
     * Commits outcomes in one round trip. Sending the same ones again changes nothing.
     *
     * @param outcomes any number, a few hundred at most
     * @return for each whether it took effect, the claim was no longer this worker's, or Redis refused it
     */
    public List<Settled> settle(List<? extends Outcome> outcomes) {
        return settlement.settle(outcomes, now());
    }

    /**
     * Moves due tasks from {@code scheduled} to their lanes.
     *
     * @param max how many at most
     * @return in how long the next one is due: zero where more are due now, empty where none is scheduled
     */
    public Optional<Duration> promote(int max) {
        return recovery.promote(max);
    }

    /**
     * Tells that this worker lives, registers it if it is not, and keeps its idempotency locks.
     *
     * @param held all claims that are not yet settled; those without an idempotency key are passed over
     * @return what Redis tells of the queue in its answer
     */
    public Beat beat(Collection<Claim> held) {
        List<Claim> locked =
                held.stream().filter(claim -> claim.lockToken().isPresent()).toList();
        List<byte[]> names = new ArrayList<>(locked.size() + 5);
        List<byte[]> args = new ArrayList<>(locked.size() + 2);
        names.addAll(List.of(keys.workers, keys.paused, keys.high, keys.normal, keys.low));
        args.add(bytes(worker));
        args.add(bytes(lease.toMillis()));
        addLocks(locked, names, args);
        List<Object> reply = redis.list(Script.BEAT, names, args);
        clockOffset = Bytes.number(reply.get(0)) - System.currentTimeMillis();
        return new Beat(Bytes.number(reply.get(1)) > 0, Bytes.number(reply.get(2)) > 0);
    }

    /**
     * Takes tasks back from workers whose lease has run out, to the consuming end of their lanes and in their order; one
     * that was taken back too often becomes a dead letter. Forgets workers that have been silent and empty for a day.
     *
     * @return what was taken back; call again at once while it is not empty
     */
    public Recovered recover() {
        return recovery.recover(now());
    }

    /**
     * Looks for processing lists whose owner is in no register, a short while at a time, and registers it: if it lives, it
     * beats again; if not, {@link #recover} takes its tasks back after one lease. To be called by one thread.
     *
     * @return the workers that were registered
     */
    public List<String> registerOrphans() {
        return orphans.register();
    }

    /**
     * Takes this worker off the register, if it holds nothing.
     *
     * @return whether it is gone; if not, its tasks are recovered after one lease
     */
    public boolean leave() {
        return recovery.forget(worker, Duration.ZERO);
    }

    private long now() {
        return System.currentTimeMillis() + clockOffset;
    }
}
