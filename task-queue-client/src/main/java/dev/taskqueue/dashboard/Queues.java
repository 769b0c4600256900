package dev.taskqueue.dashboard;

import dev.taskqueue.TaskEntry;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.internal.TaskLimits;
import java.util.List;
import java.util.Optional;

/** The queues that may be named: the broker's own, and those of its routes. A name that is made up makes no key in Redis. */
final class Queues {

    private final RedisBroker broker;

    Queues(RedisBroker broker) {
        this.broker = broker;
    }

    RedisBroker broker() {
        return broker;
    }

    List<String> names() {
        return broker.queues();
    }

    boolean areSeveral() {
        return names().size() > 1;
    }

    /** A view of the queue that the query names, or of the broker's own. */
    RedisBroker named(Request request) {
        return view(request.query().text("queue").orElse(broker.queue()));
    }

    /** A view of the queue that the query names; else the broker, which knows in which queue a task may be. */
    RedisBroker anyOrNamed(Request request) {
        Optional<String> name = request.query().text("queue");
        return name.isPresent() ? view(name.get()) : broker;
    }

    /** The entry of a task, in the queue that the query names or in any; empty where it is not found. */
    Optional<TaskEntry> find(Request request, String id) {
        return request.query().text("queue").map(List::of).orElse(names()).stream()
                .map(name -> view(name).tasks().find(id))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /**
     * @throws Problem if there is no such queue
     */
    RedisBroker view(String name) {
        if (!names().contains(name)) {
            throw Problem.notFound(
                    "there is no queue " + TaskLimits.quote(name) + "; QUEUE_NAME and TASK_ROUTES name them");
        }
        return broker.queue(name);
    }
}
