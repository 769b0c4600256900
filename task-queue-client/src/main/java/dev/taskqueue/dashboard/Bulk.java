package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.TaskQueueException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * One request that takes entries out of where they are: as many as it may, for about ten seconds; what is left is told by a
 * cursor. Of one thread.
 *
 * @param <T> the entries
 */
final class Bulk<T> {

    static final int MAX_SECONDS = 10;

    private static final int PAGE = 500;
    private static final int MAX_SEARCHED = 100_000;
    private static final int AT_ONCE = 50;

    /**
     * What is done to entries.
     *
     * @param past what is told of them then, such as {@code retried}
     * @param skipped what those are called that it does not apply to, such as {@code not_tasks}; empty if it applies to all
     * @param applies whether it can be done to an entry
     * @param carryOut does it, and says to how many of them
     */
    record Deed<T>(String past, String skipped, Predicate<T> applies, Function<List<T>, Integer> carryOut) {}

    private final Paging<T> paging;
    private final Deed<T> deed;
    private final boolean dryRun;
    private final int perSecond;
    private long done;
    private long matched;
    private long skipped;
    private long searched;
    private Optional<String> next = Optional.empty();
    private Set<String> missing = Set.of();

    /**
     * @param perSecond how many a second, at most
     */
    Bulk(Paging<T> paging, Deed<T> deed, boolean dryRun, int perSecond) {
        this.paging = paging;
        this.deed = deed;
        this.dryRun = dryRun;
        this.perSecond = perSecond;
    }

    void byFilter(Predicate<T> filter, Optional<String> from, int limit) throws InterruptedException {
        // As many as its rate lets it.
        run(filter, from, (int) Math.min(limit, (long) perSecond * MAX_SECONDS));
    }

    void byIds(List<String> ids, Function<T, String> idOf) throws InterruptedException {
        Set<String> wanted = new HashSet<>(ids);
        missing = wanted;
        // Of an id that is there twice the first that is met.
        run(entry -> wanted.remove(idOf.apply(entry)), Optional.empty(), wanted.size());
    }

    private void run(Predicate<T> filter, Optional<String> from, int limit) throws InterruptedException {
        long start = System.nanoTime();
        next = from;
        do {
            int page = (int) Math.min(PAGE, limit - matched);
            Paging.Page<T> read = paging.read(filter, next, page, PAGE);
            searched += read.searched();
            matched += read.entries().size();
            next = read.next();
            take(read.entries());
        } while (next.isPresent()
                && matched < limit
                && searched < MAX_SEARCHED
                && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(MAX_SECONDS));
    }

    private void take(List<T> entries) throws InterruptedException {
        List<T> able = entries.stream().filter(deed.applies()).toList();
        skipped += entries.size() - able.size();
        if (dryRun) {
            done += able.size();
            return;
        }
        int atOnce = Math.min(AT_ONCE, Math.max(1, perSecond / 10));
        for (int from = 0; from < able.size(); from += atOnce) {
            List<T> some = able.subList(from, Math.min(from + atOnce, able.size()));
            try {
                done += deed.carryOut().apply(some);
            } catch (TaskQueueException e) {
                if (done == 0) {
                    throw e;
                }
                throw Problem.of(
                        Problems.of(e).status(),
                        "stopped",
                        "It stopped half way",
                        done + " were " + deed.past() + "; then: " + e.getMessage());
            }
            if (perSecond < Integer.MAX_VALUE) {
                TimeUnit.NANOSECONDS.sleep(TimeUnit.SECONDS.toNanos(some.size()) / perSecond);
            }
        }
    }

    ObjectNode view() {
        ObjectNode fields =
                JsonNodeFactory.instance.objectNode().put(deed.past(), done).put("matched", matched);
        if (!deed.skipped().isEmpty()) {
            fields.put(deed.skipped(), skipped);
        }
        fields.put("dry_run", dryRun).put("searched", searched).put("complete", next.isEmpty());
        next.ifPresent(cursor -> fields.put("next", cursor));
        if (!missing.isEmpty()) {
            ArrayNode names = fields.putArray("missing");
            new ArrayList<>(missing).stream().sorted().forEach(names::add);
        }
        return fields;
    }

    String summary() {
        return deed.past() + "=" + done + " matched=" + matched + " dry_run=" + dryRun;
    }
}
