package dev.taskqueue.broker.internal;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What one worker says to the broker: claim, settle, promote, beat, recover, leave. Made by {@link BrokerEngine#session}.
 * Each method that moves tasks is one atomic step in Redis, so that a crash between any two of them loses nothing.
 * Thread-safe. Every method throws {@link dev.taskqueue.BrokerUnavailableException} where Redis does not answer or refuses;
 * whatever was claimed by then stays in this worker's processing list, and {@link #adopt} finds it.
 */
public final class BrokerSession {

    private final String worker;
    private final ServerClock clock = new ServerClock();
    private final Claiming claiming;
    private final IdempotencyLocks locks;
    private final UniqueLocks uniqueLocks;
    private final RunningMarks runningMarks;
    private final Settlement settlement;
    private final Promotion promotion;
    private final CronFiring cronFiring;
    private final Register register;
    private final Recovery recovery;
    private final Trials trials;
    private final Orphans orphans;
    private final StatusExpiry statusExpiry;
    private final DeadTrim deadTrim;
    private final Tombstones tombstones;
    private final Pauses pauses;
    private final Parking parking;

    BrokerSession(QueueContext queue, String worker, Duration lease) {
        this.worker = worker;
        ReplyBounds bounds = new ReplyBounds(queue.codec().maxEntryBytes());
        ProcessingList lists = new ProcessingList(queue.redis(), queue.keys(), bounds);
        DeadLetterWriter deadLetters = new DeadLetterWriter(queue.codec());
        this.settlement = new Settlement(queue, deadLetters, clock, worker);
        this.parking = new Parking(queue);
        this.claiming = new Claiming(queue, settlement, bounds, lists, clock, parking, worker);
        this.locks = new IdempotencyLocks(queue, worker, lease);
        this.uniqueLocks = new UniqueLocks(queue, claiming, worker);
        this.runningMarks = new RunningMarks(queue, worker);
        this.promotion = new Promotion(queue, bounds, clock, lease, parking, worker);
        this.cronFiring = new CronFiring(queue);
        this.register = new Register(queue, clock, lease);
        this.recovery = new Recovery(queue, deadLetters, lists, register, clock, worker, lease);
        this.trials = new Trials(queue, lists, claiming, clock, worker, lease);
        this.orphans = new Orphans(queue, lease);
        this.statusExpiry = new StatusExpiry(queue, lease);
        this.deadTrim = new DeadTrim(queue, lease);
        this.tombstones = new Tombstones(queue);
        this.pauses = new Pauses(queue);
    }

    /**
     * @return the time by Redis' clock, as its latest replies tell, in ms since the epoch: not ahead of it, and behind it by no
     *     more than a reply takes
     */
    public long now() {
        return clock.now();
    }

    /**
     * Tells which types this worker knows: {@link #claim} takes parked tasks of these too, once {@link #promote} has seen them.
     *
     * @param types names of types; none before this is called
     * @param grace for how long tasks are parked whose type nobody knows, an hour before this is called; then they go to their
     *     queue's normal lane, for whoever takes them to bury
     */
    public void know(Collection<String> types, Duration grace) {
        parking.know(types, grace);
    }

    /**
     * Takes tasks that wait: high before normal before low, oldest first. Ends early after 8 MiB of them, or a 32nd of the
     * heap if that is less.
     *
     * @param max how many at most; 1 or more
     * @return what was taken; no claims where nothing waits
     */
    public ClaimBatch claim(int max) {
        return claiming.claim(max);
    }

    /**
     * Waits until a task arrives on an empty queue, and takes it.
     *
     * @param patience how long to wait; at most {@link BrokerEngine#LONGEST_WAIT}
     * @return what was taken; nothing once patience has run out
     */
    public ClaimBatch awaitClaim(Duration patience) {
        return claiming.awaitClaim(patience);
    }

    /**
     * Finds tasks in this worker's own processing list that no thread holds: claimed by a request whose reply was lost.
     * Nobody may claim while this runs.
     *
     * @param held all claims that are not yet settled, read before this is called
     * @return the rest, to be run like any other claim
     */
    public ClaimBatch adopt(Collection<Claim> held) {
        return claiming.adopt(held);
    }

    /**
     * @param claim a claim
     * @return whether it may only run after {@link #begin}
     */
    public static boolean mustBegin(Claim claim) {
        return claim.lockToken().isPresent() || UniqueKeys.has(claim.task());
    }

    /**
     * Takes the unique keys and the idempotency locks of claims that are about to run. A lock belongs to this worker until it is
     * settled, or this worker has been silent for a lease. Asking again for the same claim changes nothing. A claim whose task
     * was given a newer content while it waited becomes the claim of that.
     *
     * @param claims claims for which {@link #mustBegin} holds
     * @param held all claims that are not yet settled, these among them; a lock of this worker that none of them has is left
     *     over from one that got lost, and is taken over
     * @return for each what became of its lock
     */
    public List<Lock> begin(List<Claim> claims, Supplier<? extends Collection<Claim>> held) {
        List<Claim> unique =
                claims.stream().filter(claim -> UniqueKeys.has(claim.task())).toList();
        if (unique.isEmpty()) {
            return locks.take(claims, held);
        }
        Map<Claim, Lock> answers = new HashMap<>();
        List<Lock> taken = uniqueLocks.take(unique);
        for (int i = 0; i < unique.size(); i++) {
            answers.put(unique.get(i), taken.get(i));
        }
        List<Claim> locking = claims.stream()
                .filter(claim -> answers.getOrDefault(claim, Lock.TAKEN) == Lock.TAKEN)
                .filter(claim -> claim.lockToken().isPresent())
                .toList();
        taken = locks.take(locking, held);
        for (int i = 0; i < locking.size(); i++) {
            answers.put(locking.get(i), taken.get(i));
        }
        return claims.stream().map(answers::get).toList();
    }

    /**
     * Writes the status of tasks that have been running for a while. Does nothing where statuses are not kept.
     *
     * @param running the claims, each with how long it has been running
     */
    public void markRunning(Map<Claim, Duration> running) {
        runningMarks.write(running);
    }

    /**
     * Commits outcomes in one round trip. Sending the same ones again changes nothing.
     *
     * @param outcomes any number, a few hundred at most
     * @return for each whether it took effect, the claim was no longer this worker's, or Redis refused it
     */
    public List<Settled> settle(List<? extends Outcome> outcomes) {
        return settlement.settle(outcomes);
    }

    /**
     * Moves due tasks from {@code scheduled} to their lanes.
     *
     * @param max how many at most
     * @return in how long the next one is due: zero where more are due now, empty where none is scheduled
     */
    public Optional<Duration> promote(int max) {
        return promotion.promote(max, null);
    }

    /**
     * Moves due tasks from {@code scheduled} to their lanes, and looks at the lanes in the same round trip.
     *
     * @param max how many at most
     * @param tasksWait run where tasks wait in the lanes
     * @return in how long the next one is due: zero where more are due now, empty where none is scheduled
     */
    public Optional<Duration> promote(int max, Runnable tasksWait) {
        return promotion.promote(max, tasksWait);
    }

    /**
     * @return in how long the next schedule fires, as the latest {@link #promote} has seen it: zero where one is due, empty where
     *     there is none
     */
    public Optional<Duration> cronWait() {
        return promotion.cronWait();
    }

    /**
     * @return whether there are cancelled tasks, as the latest {@link #promote} has seen it
     */
    public boolean anyCancelled() {
        return promotion.anyCancelled();
    }

    /**
     * Finds out which claims are of cancelled tasks; each of these has its {@link Claim#cancelReason} from then on.
     *
     * @param claims any number
     */
    public void findCancelled(Collection<Claim> claims) {
        tombstones.find(claims);
    }

    /**
     * Lets go of what tells that tasks are cancelled where nobody needs it any more, a few hundred at a time.
     *
     * @param cursor where to go on, as the call before told; 0 to begin with
     * @return where to go on; 0 when all were looked at
     */
    public String trimCancelled(String cursor) {
        return tombstones.trim(cursor);
    }

    /**
     * @return whether the queue was paused, or this worker quiet, as the latest {@link #promote} has seen it
     */
    public boolean sawPause() {
        return promotion.sawPause();
    }

    /**
     * Asks whether the queue is paused, or this worker quiet.
     *
     * @param acknowledges whether this worker begins nothing more of it, and has nothing of it in hand but what runs
     * @return what keeps it from beginning anything
     */
    public Hold seeHold(boolean acknowledges) {
        return pauses.see(worker, acknowledges);
    }

    /**
     * Fires schedules that are due, a hundred or so at most.
     *
     * @return whether there may be more to do at once; if not, what is still due waits for something else
     */
    public boolean fireCrons() {
        return cronFiring.fire();
    }

    /**
     * Tells that this worker lives, and registers it if needed. Works while Redis is full, too.
     *
     * @return what Redis tells of the queue in its answer
     * @throws dev.taskqueue.BrokerRejectedException if a newer version, whose format this one does not know, works on the queue
     */
    public Beat beat() {
        return beat(BeatReport.NONE);
    }

    /**
     * The same, and tells along with it what the worker says of itself and what became of its tasks. Where this throws, the
     * counts may be in the history or not.
     *
     * @param report what it tells
     * @return what Redis tells of the queue in its answer
     */
    public Beat beat(BeatReport report) {
        return register.beat(worker, report);
    }

    /**
     * Reserves the next trial of a task that was taken back too often: among all workers one runs at a time, or one a minute
     * where they take longer.
     *
     * @return whether it is this worker's, until {@link #endTrial}
     */
    public boolean reserveTrial() {
        return trials.reserve();
    }

    /**
     * Takes the task for the trial that was reserved. If this worker dies while it holds it, the task is a dead letter, and no
     * other task of this worker is charged.
     *
     * @param alone whether this worker runs nothing else; if not, its death alone is no proof, and counts
     * @return its claim; no claims where none waits any more
     */
    public ClaimBatch beginTrial(boolean alone) {
        return trials.begin(alone);
    }

    /**
     * Says that from now on others run beside the task on trial.
     *
     * @param onTrial its claim
     */
    public void goOnBeside(Claim onTrial) {
        trials.goOnBeside(onTrial);
    }

    /**
     * Ends this worker's trial.
     *
     * @param ended the claim that has been settled, whose count starts anew unless it waits again, deferred or released; or none
     */
    public void endTrial(List<Claim> ended) {
        trials.end(ended);
    }

    /**
     * Visits all workers, and adds to how long each has been silent: the time since anybody's last visit, at most a quarter
     * of a lease. Takes tasks back from those that have been silent for a lease, to the consuming end of their lanes and in
     * their order; one that was taken back too often waits for its trial, and one that killed its worker in its trial is a
     * dead letter. Forgets workers that have been silent and empty for a day. To be called by one thread, while this worker's
     * own heartbeat is accepted, and at least four times in a lease.
     *
     * @return what was taken back; call again at once while it is not empty
     */
    public Recovered recover() {
        return recovery.recover(false);
    }

    /**
     * Like {@link #recover}, but leaves it where anybody has visited the workers within a sixteenth of a lease: whoever that was
     * takes back what there is to be taken back.
     *
     * @return what was taken back; call {@link #recover} at once while it is not empty
     */
    public Recovered recoverUnlessLately() {
        return recovery.recover(true);
    }

    /**
     * Looks for orphaned processing lists, whose worker is not registered, and registers it: if it lives, it beats again; if not,
     * {@link #recover} takes its tasks back after one lease. All workers of a queue share one look at all keys: one of them
     * goes on with it for a short while, once in a quarter of the lease, and the others find nothing to do. To be called
     * by one thread.
     *
     * @return the workers that were registered
     */
    public List<String> registerOrphans() {
        return orphans.register();
    }

    /**
     * Looks for statuses that would stay for ever unless their tasks come to an end, and lets them expire: after 30 days, or
     * as long as those of ended tasks are kept if that is longer; after one day where this broker keeps no statuses. All workers of
     * a queue share this look too, in turns of one a lease. To be called by one thread.
     */
    public void expireLeftStatuses() {
        statusExpiry.look();
    }

    /**
     * Says how many dead letters are kept, and for how long. To be called before {@link #trimDead}.
     *
     * @param letters at most so many, the newest; 0: all
     * @param age those that have died within this; zero: for ever
     */
    public void boundDead(long letters, Duration age) {
        deadTrim.bound(letters, age);
    }

    /**
     * Takes away the oldest dead letters that are out of bounds, for a short while, if it is this worker's turn; without bounds it
     * asks Redis nothing. To be called by one thread.
     *
     * @return how many are gone
     */
    public long trimDead() {
        return deadTrim.trim();
    }

    /**
     * Takes this worker off the register, if it holds nothing.
     *
     * @return whether it is gone; if not, its tasks are recovered after one lease
     */
    public boolean leave() {
        return leave(BeatReport.NONE);
    }

    /**
     * The same, and tells along with it what became of its last tasks.
     *
     * @param report what it tells; what it says of itself does not count
     * @return whether it is gone; if not, its tasks are recovered after one lease
     */
    public boolean leave(BeatReport report) {
        return register.forget(worker, Duration.ZERO, report);
    }
}
