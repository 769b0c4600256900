package dev.taskqueue.worker;

import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Knows which roles are without Redis, and says so once when it begins and once when it is over. */
final class Outage {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final String worker;
    private final Set<String> failing = new TreeSet<>();
    private volatile boolean any;
    private long sinceNanos;

    Outage(String worker) {
        this.worker = worker;
    }

    boolean any() {
        return any;
    }

    synchronized void begins(String role, RuntimeException failure) {
        if (failing.isEmpty()) {
            sinceNanos = System.nanoTime();
            LOG.atWarn()
                    .addKeyValue("worker", worker)
                    .addKeyValue("role", role)
                    .addKeyValue("error", failure.getMessage())
                    .log("Redis does not do its part; trying again until it does");
        }
        failing.add(role);
        any = true;
    }

    synchronized void ends(String role) {
        if (failing.remove(role) && failing.isEmpty()) {
            any = false;
            LOG.atInfo()
                    .addKeyValue("worker", worker)
                    .addKeyValue("after_ms", (System.nanoTime() - sinceNanos) / 1_000_000)
                    .log("Redis is back");
        }
    }
}
