package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.DeadLetter;
import dev.taskqueue.DeadLetterFilter;
import dev.taskqueue.DeadLetterPage;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.broker.DeadLetters;
import dev.taskqueue.view.DeadLetterView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * One request that takes dead letters out: as many as it may, for about ten seconds; what is left is told by a cursor. Of one
 * thread.
 */
final class DeadChange {

    /** What is done to letters: tried again, or deleted. */
    enum Kind {
        RETRY("retried") {
            @Override
            List<DeadLetter> carryOut(DeadLetters dead, List<DeadLetter> letters) {
                return dead.retry(letters);
            }

            @Override
            boolean applies(DeadLetter letter) {
                return letter.retryable();
            }
        },
        DELETE("deleted") {
            @Override
            List<DeadLetter> carryOut(DeadLetters dead, List<DeadLetter> letters) {
                return dead.delete(letters);
            }

            @Override
            boolean applies(DeadLetter letter) {
                return true;
            }
        };

        private final String past;

        Kind(String past) {
            this.past = past;
        }

        abstract List<DeadLetter> carryOut(DeadLetters dead, List<DeadLetter> letters);

        abstract boolean applies(DeadLetter letter);
    }

    static final int MAX_SECONDS = 10;

    private static final int PAGE = 500;
    private static final int MAX_SEARCHED = 100_000;
    private static final int AT_ONCE = 50;

    private final DeadLetters dead;
    private final Kind kind;
    private final boolean dryRun;
    private final int perSecond;
    private long done;
    private long matched;
    private long notTasks;
    private long searched;
    private Optional<String> next = Optional.empty();

    /**
     * @param perSecond how many a second, at most
     */
    DeadChange(DeadLetters dead, Kind kind, boolean dryRun, int perSecond) {
        this.dead = dead;
        this.kind = kind;
        this.dryRun = dryRun;
        this.perSecond = perSecond;
    }

    void byFilter(DeadLetterFilter filter, Optional<String> from, int limit) throws InterruptedException {
        // As many as its rate lets it.
        run(filter, from, (int) Math.min(limit, (long) perSecond * MAX_SECONDS));
    }

    /** Returns those that are not there. */
    Set<String> byIds(List<String> ids) throws InterruptedException {
        Set<String> missing = new HashSet<>(ids);
        // Of an id that is there twice the newest.
        run(letter -> missing.remove(letter.id()), Optional.empty(), missing.size());
        return missing;
    }

    private void run(Predicate<DeadLetter> filter, Optional<String> from, int limit) throws InterruptedException {
        long start = System.nanoTime();
        next = from;
        do {
            int page = (int) Math.min(PAGE, limit - matched);
            DeadLetterPage read = DeadPages.read(dead, filter, next, page, PAGE);
            searched += read.searched();
            matched += read.letters().size();
            take(read.letters());
            next = read.next();
        } while (next.isPresent()
                && matched < limit
                && searched < MAX_SEARCHED
                && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(MAX_SECONDS));
    }

    private void take(List<DeadLetter> letters) throws InterruptedException {
        List<DeadLetter> able = letters.stream().filter(kind::applies).toList();
        notTasks += letters.size() - able.size();
        if (dryRun) {
            done += able.size();
            return;
        }
        int atOnce = Math.min(AT_ONCE, Math.max(1, perSecond / 10));
        for (int from = 0; from < able.size(); from += atOnce) {
            List<DeadLetter> some = able.subList(from, Math.min(from + atOnce, able.size()));
            try {
                done += kind.carryOut(dead, some).size();
            } catch (TaskQueueException e) {
                if (done == 0) {
                    throw e;
                }
                Problem cause = Problems.of(e);
                throw Problem.of(
                        cause.status(),
                        "stopped",
                        "It stopped half way",
                        done + " letters were " + kind.past + "; then: " + e.getMessage());
            }
            if (perSecond < Integer.MAX_VALUE) {
                TimeUnit.NANOSECONDS.sleep(TimeUnit.SECONDS.toNanos(some.size()) / perSecond);
            }
        }
    }

    ObjectNode view(Set<String> missing) {
        ObjectNode fields = DeadLetterView.changed(kind.past, done, matched, notTasks, dryRun)
                .put("searched", searched)
                .put("complete", next.isEmpty());
        next.ifPresent(cursor -> fields.put("next", cursor));
        if (!missing.isEmpty()) {
            ArrayNode names = fields.putArray("missing");
            new ArrayList<>(missing).stream().sorted().forEach(names::add);
        }
        return fields;
    }

    String summary() {
        return kind.past + "=" + done + " matched=" + matched + " dry_run=" + dryRun;
    }
}
