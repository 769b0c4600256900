package dev.taskqueue.worker;

import dev.taskqueue.broker.RedisBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What a worker does beside running handlers: the roles of each of its queues, and their threads, of which there are no more
 * for many queues than for two. Thread-safe.
 */
final class WorkerRoles {

    private final List<QueueRoles> queues = new ArrayList<>();
    private final List<RoleThreads> threads = new ArrayList<>();
    private final RoleThreads heartbeats;

    /**
     * @param broker whose connections all queues share
     * @param shares the queues; one or more
     * @param taskTimeout how long an attempt may take whose task does not say; empty for as long as it likes
     */
    WorkerRoles(WorkerContext context, RedisBroker broker, List<QueueShare> shares, Optional<Duration> taskTimeout) {
        if (shares.size() == 1 && shares.get(0).maxThreads() >= context.pool().size()) {
            queues.add(new QueueRoles(context, view(broker, shares.get(0))));
        } else {
            List<QueueShare> turned = new ArrayList<>(shares);
            // Idle waits go round; workers that start together shall not all begin with the same queue.
            Collections.rotate(turned, ThreadLocalRandom.current().nextInt(turned.size()));
            SlotSharing sharing = new SlotSharing(context.pool());
            for (QueueShare share : turned) {
                queues.add(new QueueRoles(context, view(broker, share), share, sharing));
            }
        }
        int kinds = queues.get(0).all().size();
        for (int kind = 0; kind < kinds; kind++) {
            List<Role> roles = new ArrayList<>();
            for (QueueRoles queue : queues) {
                roles.add(queue.all().get(kind));
            }
            threads.add(new RoleThreads(context.worker(), roles));
        }
        heartbeats = threads.get(0);
        Watchdog watchdog = new Watchdog(
                new QueueFailures(context.failures(), "", false),
                context.pool(),
                taskTimeout,
                context.timings().interruptedPatience(),
                List.copyOf(threads));
        RoleThreads watchdogs = new RoleThreads(context.worker(), List.of(watchdog));
        heartbeats.lookAfter(watchdogs);
        // Those that last from start to close: a program whose main has returned goes on working.
        heartbeats.keepJvmAlive();
        threads.add(watchdogs);
    }

    private static RedisBroker view(RedisBroker broker, QueueShare share) {
        return share.queue().equals(broker.queue()) ? broker : broker.queue(share.queue());
    }

    List<QueueRoles> queues() {
        return queues;
    }

    List<RoleThreads> threads() {
        return threads;
    }

    void start() {
        threads.forEach(RoleThreads::start);
    }

    void stop() {
        threads.forEach(RoleThreads::stop);
    }

    /** Waits until no heartbeat is under way any more. */
    void joinHeartbeats(Duration patience) {
        heartbeats.join(patience);
    }

    void join(Duration patience) {
        threads.forEach(one -> one.join(patience));
    }

    void close() {
        queues.forEach(QueueRoles::close);
    }
}
