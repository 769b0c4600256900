package dev.taskqueue.worker;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What keeps a worker from doing its job, at one moment; each reason is one sentence without secrets and without line
 * breaks. Immutable.
 *
 * @param notAlive why only a restart of the process helps; empty for a worker that lives
 * @param notReady why no work gets done right now; empty for a worker that makes headway, or has nothing to do. Holds the
 *     reasons of {@code notAlive} as well
 * @param queues by the name of each queue that the worker serves, in the order of the names, the reasons among
 *     {@code notReady} that concern this queue alone; empty before the start
 * @param paused by the name of each queue that is paused, why: one sentence. It keeps no worker from being ready
 * @param quiet who has this worker claim nothing more, in one sentence; empty while nobody does. It keeps no worker from being ready
 *     either: it is what somebody asked for
 */
public record WorkerHealth(
        List<String> notAlive,
        List<String> notReady,
        Map<String, List<String>> queues,
        Map<String, String> paused,
        Optional<String> quiet) {

    /** Copies all of it. */
    public WorkerHealth {
        notAlive = List.copyOf(notAlive);
        notReady = List.copyOf(notReady);
        Map<String, List<String>> copy = new TreeMap<>();
        queues.forEach((queue, reasons) -> copy.put(queue, List.copyOf(reasons)));
        queues = Collections.unmodifiableMap(copy);
        paused = Collections.unmodifiableMap(new TreeMap<>(paused));
    }

    /** Of a worker that is not quiet. */
    public WorkerHealth(
            List<String> notAlive,
            List<String> notReady,
            Map<String, List<String>> queues,
            Map<String, String> paused) {
        this(notAlive, notReady, queues, paused, Optional.empty());
    }

    /** Without pauses. */
    public WorkerHealth(List<String> notAlive, List<String> notReady, Map<String, List<String>> queues) {
        this(notAlive, notReady, queues, Map.of());
    }

    /** Without anything about single queues. */
    public WorkerHealth(List<String> notAlive, List<String> notReady) {
        this(notAlive, notReady, Map.of());
    }

    /**
     * @return whether a restart is not needed
     */
    public boolean isAlive() {
        return notAlive.isEmpty();
    }

    /**
     * @return whether tasks are taken and run as they come
     */
    public boolean isReady() {
        return notReady.isEmpty();
    }
}
