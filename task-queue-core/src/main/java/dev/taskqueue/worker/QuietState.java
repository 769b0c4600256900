package dev.taskqueue.worker;

import dev.taskqueue.WorkerInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether somebody has made this worker quiet, through whichever of its queues: then the gates of all of them are closed.
 * Thread-safe.
 */
final class QuietState {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final List<PauseGate> gates = new CopyOnWriteArrayList<>();
    private final List<Runnable> onChange = new CopyOnWriteArrayList<>();
    /** By queue; guarded by this. */
    private final Map<String, WorkerInfo.Quiet> marks = new TreeMap<>();

    private volatile Optional<WorkerInfo.Quiet> mark = Optional.empty();

    /** To be called before anything starts. */
    void add(PauseGate gate) {
        gates.add(gate);
    }

    /** What to do once it has changed; to be called before anything starts. */
    void onChange(Runnable action) {
        onChange.add(action);
    }

    /** Told what a queue says; again and again, so that a gate which was just being opened is closed the next time. */
    void tell(String queue, Optional<WorkerInfo.Quiet> said) {
        if (said.isEmpty() && mark.isEmpty()) {
            return;
        }
        boolean changed;
        synchronized (this) {
            boolean was = mark.isPresent();
            if (said.isPresent()) {
                marks.put(queue, said.get());
            } else {
                marks.remove(queue);
            }
            mark = marks.values().stream().findFirst();
            changed = was != mark.isPresent();
        }
        if (said.isPresent()) {
            gates.forEach(PauseGate::close);
        }
        if (changed) {
            LOG.atInfo()
                    .addKeyValue("queue", queue)
                    .addKeyValue("by", said.flatMap(WorkerInfo.Quiet::by).orElse(""))
                    .log(said.isPresent() ? "worker quiet; claiming nothing more" : "worker claims again");
            onChange.forEach(Runnable::run);
        }
    }

    boolean isQuiet() {
        return mark.isPresent();
    }

    /** Who made it quiet; empty while it is not. */
    Optional<WorkerInfo.Quiet> mark() {
        return mark;
    }
}
