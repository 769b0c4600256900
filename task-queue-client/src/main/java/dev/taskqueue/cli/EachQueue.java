package dev.taskqueue.cli;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.broker.RedisBroker;
import java.util.function.Consumer;

/** Asks each queue that a command is about. */
final class EachQueue {

    private EachQueue() {}

    /**
     * @param ask asks one queue
     * @param print prints what was found; run also where a queue of a cluster could not be asked, as the nodes of others may be there
     * @throws BrokerUnavailableException the first failure, after printing
     */
    static void of(Connection connection, RedisBroker broker, Consumer<RedisBroker> ask, Runnable print) {
        BrokerUnavailableException failure = null;
        for (String queue : broker.queues()) {
            try {
                ask.accept(broker.queue(queue));
            } catch (BrokerUnavailableException e) {
                if (!connection.settings().cluster()) {
                    throw e;
                }
                failure = failure == null ? e : failure;
            }
        }
        print.run();
        if (failure != null) {
            throw failure;
        }
    }
}
