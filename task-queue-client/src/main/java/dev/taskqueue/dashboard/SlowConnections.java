package dev.taskqueue.dashboard;

import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Ends connections that take too long: such as send a request byte by byte, or do not take their answer. Where too many are
 * open, the oldest gives way to the newest, so that whoever asks and listens is answered whatever the others do. Thread-safe.
 */
final class SlowConnections implements Connection.Listener {

    static final int MAX = 1_024;

    /** From one request to the end of the next head; longer than a connection may be idle. */
    private static final long REQUEST_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** From the head to the end of the answer: longer than anybody may wait for a task. */
    private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(90);

    private static final long TICK_MILLIS = 1_000;

    private static final class Progress {

        private long in;
        private long out;
        private long nanos = System.nanoTime();
    }

    private final Scheduler scheduler;
    private final Map<Connection, Progress> open = new LinkedHashMap<>();
    private boolean ticking;

    SlowConnections(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    @Override
    public void onOpened(Connection connection) {
        Connection oldest = null;
        synchronized (this) {
            open.put(connection, new Progress());
            if (open.size() > MAX) {
                oldest = open.keySet().iterator().next();
                open.remove(oldest);
            }
            if (!ticking) {
                ticking = true;
                scheduler.schedule(this::tick, TICK_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
        if (oldest != null) {
            end(oldest);
        }
    }

    @Override
    public synchronized void onClosed(Connection connection) {
        open.remove(connection);
    }

    private void tick() {
        Map<Connection, Progress> slow = new LinkedHashMap<>();
        synchronized (this) {
            long now = System.nanoTime();
            for (Iterator<Map.Entry<Connection, Progress>> all = open.entrySet().iterator(); all.hasNext(); ) {
                Map.Entry<Connection, Progress> entry = all.next();
                if (isSlow(entry.getKey(), entry.getValue(), now)) {
                    slow.put(entry.getKey(), entry.getValue());
                    all.remove();
                }
            }
            ticking = !open.isEmpty();
            if (ticking) {
                scheduler.schedule(this::tick, TICK_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
        slow.keySet().forEach(SlowConnections::end);
    }

    private static boolean isSlow(Connection connection, Progress progress, long now) {
        long in = connection.getMessagesIn();
        long out = connection.getMessagesOut();
        if (in != progress.in || out != progress.out) {
            progress.in = in;
            progress.out = out;
            progress.nanos = now;
        }
        return now - progress.nanos > (in > out ? ANSWER_NANOS : REQUEST_NANOS);
    }

    /** At once: to close in good order would wait for the other side. */
    private static void end(Connection connection) {
        connection.getEndPoint().close(new IOException("too slow, or the oldest of too many"));
    }
}
