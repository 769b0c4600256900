package dev.taskqueue.worker;

import dev.taskqueue.QueuePause;
import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.broker.internal.Claim;
import dev.taskqueue.broker.internal.Hold;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the fetcher does while its queue is paused, or the worker quiet, in place of claiming: it gives back what was claimed and
 * has not begun, says in Redis once nothing more begins, and looks when that is over. To be used by the fetcher alone.
 */
final class PausedQueue {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration POLL = Duration.ofMillis(500);

    /** For an attempt to get to its handler, and for what is given back to be settled. */
    private static final Duration SHORTLY = Duration.ofMillis(5);

    private final BrokerSession session;
    private final UnsettledClaims unsettled;
    private final ServedQueue queue;
    private final Admission admission;
    private final RunQueue runQueue;
    private final PauseGate gate;
    private final QuietState quiet;
    /** What has not begun and is to go back, oldest first; kept here, so that it is not lost where memory is short. */
    private final ArrayList<Attempt> unbegun = new ArrayList<>();

    /** What is on its way back. */
    private final List<Claim> returned = new ArrayList<>();

    private long lookAtNanos = System.nanoTime();

    PausedQueue(
            BrokerSession session, UnsettledClaims unsettled, ServedQueue queue, Admission admission, RunnerPool pool) {
        this.session = session;
        this.unsettled = unsettled;
        this.queue = queue;
        this.admission = admission;
        this.runQueue = pool.queue();
        this.gate = queue.gate();
        this.quiet = queue.quiet();
    }

    /** Returns in how long to take the next turn. */
    Duration turn() {
        giveBack();
        returned.removeIf(claim -> !unsettled.contains(claim));
        boolean nothingBegins = gate.isEmpty() && returned.isEmpty();
        if (!nothingBegins && System.nanoTime() - lookAtNanos < 0) {
            return SHORTLY;
        }
        lookAtNanos = System.nanoTime() + POLL.toNanos();
        Hold hold = session.seeHold(nothingBegins);
        quiet.tell(queue.name(), hold.quiet());
        log(hold.pause());
        if (hold.pause().isEmpty() && !quiet.isQuiet()) {
            gate.open();
            runQueue.hurry();
            return Duration.ZERO;
        }
        gate.tell(hold.pause());
        return nothingBegins ? POLL : SHORTLY;
    }

    private void log(Optional<QueuePause> pause) {
        if (pause.isPresent() && gate.pause().isEmpty()) {
            LOG.atInfo()
                    .addKeyValue("queue", queue.name())
                    .addKeyValue("by", pause.get().by().orElse(""))
                    .addKeyValue("reason", pause.get().reason().orElse(""))
                    .addKeyValue(
                            "until", pause.get().until().map(Object::toString).orElse(""))
                    .log("queue paused");
        } else if (pause.isEmpty() && gate.pause().isPresent()) {
            LOG.atInfo().addKeyValue("queue", queue.name()).log("queue resumed");
        }
    }

    /** The newest first: each goes to the consuming end of its lane, so that the oldest is taken next. */
    private void giveBack() {
        runQueue.moveTo(unbegun, queue);
        admission.moveTo(unbegun);
        while (!unbegun.isEmpty()) {
            int last = unbegun.size() - 1;
            returned.add(unbegun.get(last).claim());
            queue.release(unbegun.remove(last));
            queue.slots().free(1);
        }
    }
}
