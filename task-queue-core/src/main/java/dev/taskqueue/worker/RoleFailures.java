package dev.taskqueue.worker;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.broker.internal.BrokerClosedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows which roles fail, and why: counts each failure, and logs the first one and then one an hour. That Redis is away is
 * one event for all roles. Thread-safe.
 */
final class RoleFailures {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final long LOG_EVERY_NANOS = Duration.ofHours(1).toNanos();

    /** So many failures in a row without Redis being away are more than bad luck. */
    private static final int KEEPS_FAILING = 2;

    /** The latest failure of a role, and how many there were in a row. */
    private record Failing(String queue, Throwable latest, int inARow) {

        boolean isOutage() {
            return isOfRedis(latest);
        }
    }

    static boolean isOfRedis(Throwable failure) {
        return failure instanceof BrokerUnavailableException || failure instanceof BrokerRejectedException;
    }

    private final String worker;
    private final WorkerMetrics metrics;
    /** By the role's label. */
    private final Map<String, Failing> failing = new TreeMap<>();
    /** When a failure was last logged, by role and class; an outage has an entry of its own. */
    private final Map<String, Long> loggedNanos = new HashMap<>();

    private boolean outage;
    private long outageBeganNanos;

    RoleFailures(String worker, WorkerMetrics metrics) {
        this.worker = worker;
        this.metrics = metrics;
    }

    /** A turn of a role has failed. */
    synchronized void add(QueueFailures of, String name, Throwable failure) {
        String role = of.label(name);
        Failing before = failing.get(role);
        failing.put(role, new Failing(of.queue(), failure, before == null ? 1 : before.inARow() + 1));
        metrics.roleFailed(of.queue(), name);
        if (isOfRedis(failure)) {
            if (!outage) {
                outage = true;
                outageBeganNanos = System.nanoTime();
                loggedNanos.remove("");
            }
            if (mayLog("")) {
                LOG.atWarn()
                        .addKeyValue("worker", worker)
                        .addKeyValue("role", role)
                        .addKeyValue("error", failure.getMessage())
                        .log("Redis unavailable; retrying");
            }
        } else if (failure instanceof BrokerClosedException) {
            if (mayLog("closed")) {
                LOG.atWarn().addKeyValue("worker", worker).log("broker closed before its worker; close the worker");
            }
        } else if (mayLog(role + " " + failure.getClass().getName())) {
            // A fault of ours: to go on is better than a worker that has lost one of its duties in silence.
            Failures.report(LOG, "unexpected failure; retrying", "role", role, failure);
        }
    }

    private boolean mayLog(String what) {
        long now = System.nanoTime();
        Long last = loggedNanos.get(what);
        if (last != null && now - last < LOG_EVERY_NANOS) {
            return false;
        }
        loggedNanos.put(what, now);
        return true;
    }

    /** A turn of a role has succeeded after some that failed, or the role has ended. */
    synchronized void over(QueueFailures of, String name) {
        failing.remove(of.label(name));
        if (outage && failing.values().stream().noneMatch(Failing::isOutage)) {
            outage = false;
            LOG.atInfo()
                    .addKeyValue("worker", worker)
                    .addKeyValue("after_ms", (System.nanoTime() - outageBeganNanos) / 1_000_000)
                    .log("Redis available again");
        }
    }

    /**
     * Which roles fail for good, a sentence for each: a class whose initializer failed once, as the heap was full, can never
     * be used again in this JVM.
     */
    synchronized List<String> forGood() {
        List<String> reasons = new ArrayList<>();
        failing.forEach((role, state) -> {
            if (state.latest() instanceof LinkageError error && state.inARow() >= KEEPS_FAILING) {
                reasons.add("the " + role + " needs a class that cannot be loaded any more ("
                        + OutcomeClassifier.describe(error) + ")");
            }
        });
        return reasons;
    }

    /** Why no headway is made in a queue, a sentence for each cause; empty while no role of it keeps failing. */
    synchronized List<String> reasons(String queue) {
        List<String> reasons = new ArrayList<>();
        failing.forEach((role, state) -> {
            if (!state.queue().equals(queue)) {
                return;
            }
            if (state.isOutage()) {
                reasons.add("Redis is unavailable to the " + role + ": "
                        + String.valueOf(state.latest().getMessage()).replaceAll("\\p{Cntrl}+", " "));
            } else if (state.inARow() >= KEEPS_FAILING) {
                // By its class alone: a message may hold what stands in a payload.
                reasons.add("the " + role + " has failed " + state.inARow() + " times in a row, lately with "
                        + state.latest().getClass().getName());
            }
        });
        return reasons;
    }
}
