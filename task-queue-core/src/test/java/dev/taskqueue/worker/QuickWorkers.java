package dev.taskqueue.worker;

import dev.taskqueue.broker.RedisBroker;
import java.time.Duration;

/**
 * Workers for tests that close many of them: an idle one looks up twenty times a second, and so closes at once. For what a
 * wait in Redis itself does, or costs, there is {@link Worker#of}.
 */
public final class QuickWorkers {

    static final Timings TIMINGS = Timings.DEFAULT.withIdleWait(Duration.ofMillis(50));

    private QuickWorkers() {}

    public static Worker.Builder of(RedisBroker broker) {
        return Worker.of(broker).timings(TIMINGS);
    }
}
