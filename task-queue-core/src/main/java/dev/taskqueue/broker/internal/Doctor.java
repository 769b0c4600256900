package dev.taskqueue.broker.internal;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Finding;
import dev.taskqueue.Finding.Code;
import dev.taskqueue.Finding.Severity;
import dev.taskqueue.TaskQueueException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Looks for what is wrong with Redis and some queues. A fixed number of round trips for each, however long the queues are. Not
 * thread-safe.
 */
final class Doctor {

    private final QueueContext context;
    private final ServerCheck server;
    private final List<Finding> findings = new ArrayList<>();

    Doctor(QueueContext context, String address) {
        this.context = context;
        this.server = new ServerCheck(context.redis(), address);
    }

    /**
     * @return what was found, the worst first
     */
    List<Finding> examine(List<String> queues) {
        server.look()
                .ifPresentOrElse(
                        info -> findings.addAll(new ServerFindings(
                                        info, server, context.limits().replicas())
                                .all()),
                        () -> findings.add(notChecked(
                                "INFO", "persistence, eviction, memory, version, connections and replicas", "+info")));
        examineSlowLog();
        for (String queue : queues) {
            examine(queue);
        }
        // Each queue is asked the time, and it is one clock.
        List<Finding> distinct = new ArrayList<>();
        findings.stream()
                .filter(finding -> finding.code() != Code.CLOCK_SKEW
                        || distinct.stream().noneMatch(other -> other.code() == Code.CLOCK_SKEW))
                .forEach(distinct::add);
        distinct.sort(Comparator.comparing(Finding::severity).reversed());
        return List.copyOf(distinct);
    }

    private void examineSlowLog() {
        try {
            findings.addAll(new SlowLog(context.redis()).findings());
        } catch (BrokerRejectedException | BrokerUnavailableException e) {
            if (!context.redis().isCluster() && !(e.getCause() instanceof JedisDataException)) {
                throw e;
            }
            // It shows the arguments of all who use this Redis, so that our users are not granted it.
            findings.add(notChecked("SLOWLOG", "which scripts and commands were slow lately", "+slowlog"));
        }
    }

    private static Finding notChecked(String command, String what, String grant) {
        return new Finding(
                Severity.INFO,
                Code.NOT_CHECKED,
                Optional.empty(),
                "The Redis user may not run " + command + ", or the server does not answer it.",
                "Could not be checked: " + what + ".",
                "Nothing, or run doctor as an operator's user that has " + grant + " too.");
    }

    private void examine(String queue) {
        try {
            findings.addAll(new QueueFindings(context.of(queue), queue).all());
        } catch (BrokerRejectedException | BrokerUnavailableException e) {
            if (!isOfQueue(e)) {
                throw e;
            }
            findings.add(new Finding(
                    Severity.CRITICAL,
                    Code.QUEUE_UNREADABLE,
                    Optional.of(queue),
                    "The queue could not be looked at: " + Wording.line(String.valueOf(e.getMessage())) + ".",
                    "Nothing else is known of it, and its tasks may not run.",
                    "If a key has a wrong type, find out who wrote it, and rename it; if access is denied, grant this user the "
                            + "queue's keys."));
        }
    }

    /** Whether the others can be looked at all the same: it is about this one's keys, or in a cluster its node. */
    private boolean isOfQueue(TaskQueueException e) {
        return context.redis().isCluster()
                || e.getCause() instanceof JedisDataException refusal
                        && List.of("WRONGTYPE", "NOPERM").contains(ErrorCode.of(String.valueOf(refusal.getMessage())));
    }
}
