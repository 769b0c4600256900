package dev.taskqueue.daemon;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.internal.config.InvalidSettingException;
import dev.taskqueue.internal.config.Variables;
import dev.taskqueue.worker.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One entry of {@code WORKER_QUEUES}: a queue that the worker serves, and its part in the threads.
 *
 * @param maxThreads how many of its tasks the worker may have at most; empty for as many as it has threads
 */
record WorkerQueue(String name, int weight, Optional<Integer> maxThreads) {

    private static final String VARIABLE = "WORKER_QUEUES";

    /** A name may have colons itself: the last number is the weight. */
    private static final Pattern ENTRY = Pattern.compile("(?<name>[^/]+?)(:(?<weight>\\d{1,9}))?(/(?<max>\\d{1,9}))?");

    /**
     * Reads {@code WORKER_QUEUES}, such as {@code critical:6,default:3,reports:1/2}.
     *
     * @return the queues in their order; none where it is not set
     * @throws InvalidSettingException if an entry is none, or names a queue that is not allowed or was named before
     */
    static List<WorkerQueue> parse(Variables variables) {
        Optional<String> text = variables.text(VARIABLE);
        List<WorkerQueue> queues = new ArrayList<>();
        if (text.isPresent()) {
            // Nothing connects before the first request: it only knows what is allowed.
            try (RedisBroker unconnected = RedisBroker.at("localhost:1")) {
                Worker.Builder checker = Worker.of(unconnected);
                for (String entry : text.get().split(",", -1)) {
                    queues.add(parse(entry.strip(), queues.size() + 1, checker));
                }
            }
        }
        return queues;
    }

    private static WorkerQueue parse(String entry, int number, Worker.Builder checker) {
        String name = VARIABLE + " entry " + number;
        Matcher matcher = ENTRY.matcher(entry);
        if (!matcher.matches()) {
            throw Variables.invalid(name, entry, "name, name:weight or name:weight/threads, such as reports:1/2");
        }
        String weight = matcher.group("weight");
        WorkerQueue queue = new WorkerQueue(
                matcher.group("name"),
                weight == null ? 1 : Integer.parseInt(weight),
                Optional.ofNullable(matcher.group("max")).map(Integer::valueOf));
        try {
            queue.serve(checker);
        } catch (IllegalArgumentException e) {
            throw new InvalidSettingException(name + " is \"" + Variables.printable(entry) + "\": " + e.getMessage());
        }
        return queue;
    }

    /** Has a worker serve the queue. */
    void serve(Worker.Builder worker) {
        worker.queue(name, weight, maxThreads.orElse(Integer.MAX_VALUE));
    }

    /** As it is written. */
    @Override
    public String toString() {
        return name + ":" + weight + maxThreads.map(max -> "/" + max).orElse("");
    }
}
