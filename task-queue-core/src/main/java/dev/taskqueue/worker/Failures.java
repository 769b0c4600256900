package dev.taskqueue.worker;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** What threads that must not die do about failures; neither method throws. */
final class Failures {

    private Failures() {}

    /** Logs, if that can be done: with no memory left, to say so may fail as well. */
    @SuppressWarnings("EmptyCatch")
    static void report(Runnable log) {
        try {
            log.run();
        } catch (Throwable t) {
            // Whoever calls this goes on and will fail again while the cause lasts: the next report says it.
        }
    }

    static void pause(Duration pause) {
        long deadline = System.nanoTime() + pause.toNanos();
        for (long left = pause.toNanos(); left > 0; left = deadline - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
        }
    }
}
