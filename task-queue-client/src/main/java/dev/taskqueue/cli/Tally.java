package dev.taskqueue.cli;

import dev.taskqueue.EnqueueCounts;
import dev.taskqueue.Enqueued;
import java.util.List;

/** Counts what became of many tasks that were enqueued. */
final class Tally {

    private long accepted;
    private long rejected;
    private long replaced;

    void add(List<Enqueued> answers) {
        for (Enqueued enqueued : answers) {
            if (enqueued.accepted()) {
                accepted++;
            } else if (enqueued.replaced()) {
                replaced++;
            } else {
                rejected++;
            }
        }
    }

    void add(EnqueueCounts counts) {
        accepted += counts.accepted();
        rejected += counts.rejected();
        replaced += counts.replaced();
    }

    String toText() {
        return accepted + " tasks enqueued"
                + (rejected == 0 ? "" : ", " + rejected + " rejected (key held)")
                + (replaced == 0 ? "" : ", " + replaced + " took the place of one that waits");
    }

    String toJson() {
        return "{\"enqueued\":" + accepted + ",\"rejected\":" + rejected + ",\"replaced\":" + replaced + "}";
    }
}
