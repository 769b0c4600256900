package dev.taskqueue.broker.internal;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Cancellation;
import dev.taskqueue.Enqueued;
import dev.taskqueue.Explanation;
import dev.taskqueue.Task;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.TaskSearch;
import dev.taskqueue.TaskStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/**
 * A producer's own queue and those that its routes name. A task is looked for in each: the own queue first, then in the order of
 * the routes; the first that knows it answers.
 */
public final class RoutedQueues implements Destinations {

    private final BrokerEngine own;
    private final Routes routes;
    private final Map<String, BrokerEngine> queues = new LinkedHashMap<>();

    /**
     * @param own the queue of the tasks that no route fits
     * @param routes at least one
     */
    public RoutedQueues(BrokerEngine own, Routes routes) {
        this.own = own;
        this.routes = routes;
        queues.put(own.queue(), own);
        routes.all().forEach(route -> queues.computeIfAbsent(route.queue(), own::queue));
    }

    @Override
    public List<String> queues() {
        return List.copyOf(queues.keySet());
    }

    /**
     * @param task a task
     * @return the queue that it goes to
     */
    public BrokerEngine queueOf(Task task) {
        for (Routes.Route route : routes.all()) {
            if (route.fits(task.type())) {
                return queues.get(route.queue());
            }
        }
        return own;
    }

    @Override
    public Enqueued enqueue(Task task) {
        return queueOf(task).enqueue(task);
    }

    @Override
    public List<Enqueued> enqueue(List<Task> tasks) {
        List<BrokerEngine> targets = new ArrayList<>(tasks.size());
        boolean same = true;
        for (Task task : tasks) {
            targets.add(queueOf(task));
            same &= targets.get(targets.size() - 1) == targets.get(0);
        }
        if (same) {
            return (targets.isEmpty() ? own : targets.get(0)).enqueue(tasks);
        }
        return new SplitEnqueue(tasks, targets).send();
    }

    @Override
    public Optional<TaskStatus> await(String id, Duration atMost) throws InterruptedException {
        AtomicReference<Destinations> where = new AtomicReference<>(this);
        return FinalStatus.await(
                own.limits(),
                () -> {
                    Optional<TaskStatus> status = where.get().status(id);
                    // Of one that was moved to another queue nothing is there any more.
                    where.set(status.<Destinations>map(found -> queues.get(found.queue()))
                            .orElse(this));
                    return status;
                },
                atMost);
    }

    @Override
    public Optional<TaskStatus> status(String id) {
        if (own.context().redis().isCluster()) {
            return first(queue -> queue.status(id));
        }
        List<byte[]> names = new ArrayList<>(2 * queues.size());
        for (BrokerEngine queue : queues.values()) {
            names.add(queue.context().keys().task(id));
            names.add(queue.context().keys().recoveries(id));
        }
        List<byte[]> values = own.context().redis().values("status", names);
        int i = 0;
        for (BrokerEngine queue : queues.values()) {
            if (values.get(i) != null) {
                return Optional.of(StatusCodec.read(queue.queue(), id, values.get(i), values.get(i + 1)));
            }
            i += 2;
        }
        return Optional.empty();
    }

    /** Of the queues that answer; where one does not, nobody can say that none has it. */
    private <T> Optional<T> first(Function<BrokerEngine, Optional<T>> look) {
        TaskQueueException failure = null;
        for (BrokerEngine queue : queues.values()) {
            try {
                Optional<T> found = look.apply(queue);
                if (found.isPresent()) {
                    return found;
                }
            } catch (BrokerUnavailableException | BrokerRejectedException e) {
                if (!SplitEnqueue.isOfOneQueue(e, queue.context().redis().isCluster())) {
                    throw e;
                }
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
        return Optional.empty();
    }

    @Override
    public Cancellation cancel(String id, String reason) {
        Optional<TaskStatus> status = status(id);
        if (status.isPresent()) {
            return queues.get(status.get().queue()).cancel(id, reason);
        }
        return first(queue -> {
                    Cancellation found = queue.cancel(id, reason);
                    return found == Cancellation.UNKNOWN ? Optional.empty() : Optional.of(found);
                })
                .orElse(Cancellation.UNKNOWN);
    }

    @Override
    public Explanation why(String id) {
        List<String> vain = new ArrayList<>();
        return first(queue -> {
                    Explanation explanation = queue.why(id);
                    if (explanation.queue().isEmpty()) {
                        vain.add("Queue " + queue.queue() + ": "
                                + explanation.reasons().get(0).text());
                    }
                    return Optional.of(explanation)
                            .filter(known -> known.queue().isPresent());
                })
                .orElseGet(() -> Why.unknown(id, String.join(" ", vain)));
    }

    @Override
    public TaskSearch find(String id, int max) {
        List<TaskSearch> vain = new ArrayList<>();
        Optional<TaskSearch> found = first(queue -> {
            TaskSearch search = queue.find(id, max);
            if (search.place().isEmpty()) {
                vain.add(search);
            }
            return search.place().isPresent() ? Optional.of(search) : Optional.empty();
        });
        long searched = vain.stream().mapToLong(TaskSearch::searched).sum();
        boolean complete = vain.stream().allMatch(TaskSearch::complete);
        return found.map(search -> new TaskSearch(
                        search.queue(),
                        search.place(),
                        search.type(),
                        search.worker(),
                        search.dueAt(),
                        search.reason(),
                        searched + search.searched(),
                        complete && search.complete()))
                .orElseGet(() -> TaskFinder.nowhere(searched, complete));
    }
}
