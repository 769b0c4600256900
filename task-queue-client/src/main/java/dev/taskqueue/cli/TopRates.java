package dev.taskqueue.cli;

import dev.taskqueue.HistoryMinute;
import dev.taskqueue.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How fast tasks come and go: what has ended is counted in the history, of the minute before and the one that runs; what has
 * come is that and by how much more, or less, is unfinished than before. Heartbeats bring the counts, so that they lag by a few seconds.
 */
final class TopRates {

    private static final Duration WINDOW = Duration.ofMinutes(1);

    private record Point(Instant at, long unfinished, long dead) {}

    /**
     * @param in tasks a second that come
     * @param out tasks a second that end
     * @param newDead by how many dead letters there are more than a minute ago, or when this began
     */
    record Rates(double in, double out, long newDead) {}

    private final Map<String, Deque<Point>> points = new HashMap<>();

    /**
     * @param history of the minutes that touch the latest two
     */
    Rates next(QueueSample sample, List<HistoryMinute> history, Instant now) {
        Deque<Point> earlier = points.computeIfAbsent(sample.stats().queue(), name -> new ArrayDeque<>());
        earlier.addLast(
                new Point(now, sample.stats().unfinished(), sample.stats().dead()));
        while (earlier.size() > 2 && earlier.peekFirst().at().isBefore(now.minus(WINDOW))) {
            earlier.removeFirst();
        }
        double out = ended(history, now);
        Point first = earlier.peekFirst();
        double seconds = Duration.between(first.at(), now).toMillis() / 1e3;
        double growth = seconds > 0 ? (sample.stats().unfinished() - first.unfinished()) / seconds : 0;
        return new Rates(Math.max(0, out + growth), out, sample.stats().dead() - first.dead());
    }

    private static double ended(List<HistoryMinute> history, Instant now) {
        Instant from = now.minus(WINDOW);
        long tasks = 0;
        Instant first = now;
        for (HistoryMinute minute : history) {
            if (minute.minute().plus(WINDOW).isAfter(from)) {
                for (TaskState state : TaskState.values()) {
                    tasks += state.isFinal() ? minute.total(state) : 0;
                }
                first = minute.minute().isBefore(first) ? minute.minute() : first;
            }
        }
        return tasks / Math.max(1, Duration.between(first, now).toMillis() / 1e3);
    }
}
