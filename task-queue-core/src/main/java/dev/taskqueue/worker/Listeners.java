package dev.taskqueue.worker;

import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells all listeners. What one of them throws costs the others nothing, and the worker nothing either. */
final class Listeners {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final List<WorkerListener> all;

    Listeners(List<WorkerListener> all) {
        this.all = List.copyOf(all);
    }

    /** Of each task, hence without a lambda: where the heap is full, an attempt must not fail for want of one. */
    void taskStarted(TaskContext task) {
        for (int i = 0; i < all.size(); i++) {
            try {
                all.get(i).taskStarted(task);
            } catch (Throwable t) {
                report(all.get(i), t);
            }
        }
    }

    void tell(Consumer<WorkerListener> event) {
        for (int i = 0; i < all.size(); i++) {
            try {
                event.accept(all.get(i));
            } catch (Throwable t) {
                report(all.get(i), t);
            }
        }
    }

    private static void report(WorkerListener listener, Throwable failure) {
        try {
            Failures.report(
                    LOG,
                    "listener failed; continuing",
                    "listener",
                    listener.getClass().getName(),
                    failure);
        } catch (Throwable t) {
            // Without memory not even a text for the log can be had.
        }
    }
}
