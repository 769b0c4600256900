package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.DeadLetter;
import dev.taskqueue.DeadLetterFilter;
import dev.taskqueue.DeadLetterPage;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskHistory;
import dev.taskqueue.TaskState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads, retries and deletes the dead letters of a queue, a page at a time. */
public final class DeadLetterStore {

    private static final int PAGE = 500;
    private static final int PAGE_BYTES = 1 << 20;

    /** Beyond that a list ends with what it has: a heap is to hold hundreds of letters, each as large as a task. */
    private static final int LISTED_BYTES = 4 << 20;

    /** The script ends early where it has to look for them far behind. */
    private static final int MOVED_AT_ONCE = 50;

    private static final byte[] AWAY = bytes("0");

    private final QueueContext queue;
    private final DeadLetterReader reader;

    DeadLetterStore(QueueContext queue) {
        this.queue = queue;
        this.reader = new DeadLetterReader(queue.codec());
    }

    /**
     * @param filter which
     * @param from where to begin, or empty for the newest
     * @param max how many to look at
     * @return those that the filter takes
     */
    public DeadLetterPage list(DeadLetterFilter filter, Optional<String> from, int max) {
        List<DeadLetter> letters = new ArrayList<>();
        String left = from.map(DeadLetterStore::checked).orElse("");
        int searched = 0;
        long bytes = 0;
        do {
            List<Object> page = page(left, Math.min(PAGE, max - searched));
            left = Long.toString(Bytes.number(page.get(0)));
            for (DeadLetter letter : letters(page)) {
                if (filter.test(letter)) {
                    letters.add(letter);
                    bytes += letter.json().size();
                }
                searched++;
            }
        } while (searched < max && !left.equals("0") && letters.size() < PAGE && bytes < LISTED_BYTES);
        return new DeadLetterPage(letters, searched, left.equals("0") ? Optional.empty() : Optional.of(left));
    }

    private static String checked(String from) {
        if (!from.matches("\\d{1,15}")) {
            throw new InvalidTaskException("from is \"" + from + "\"; it must be what a page before it gave as next");
        }
        return from;
    }

    private List<Object> page(String left, int max) {
        return queue.redis()
                .list(
                        Script.DEAD_PAGE,
                        List.of(queue.keys().dead),
                        List.of(bytes(left), bytes(max), bytes(PAGE_BYTES)));
    }

    /** The newest, in one round trip: fewer where they are large. */
    List<DeadLetter> newest(int max) {
        return letters(page("", Math.min(PAGE, max)));
    }

    /** Those of a page, which tells how many older ones there are behind it. */
    private List<DeadLetter> letters(List<Object> page) {
        long older = Bytes.number(page.get(0)) + page.size() - 1;
        List<DeadLetter> letters = new ArrayList<>();
        for (Object raw : page.subList(1, page.size())) {
            letters.add(reader.read((byte[]) raw, --older));
        }
        return letters;
    }

    /**
     * @param id whose letter
     * @param max how many to look at
     * @return the newest of this id
     */
    public Optional<DeadLetter> find(String id, int max) {
        Optional<String> from = Optional.empty();
        for (int searched = 0; searched < max; ) {
            DeadLetterPage page = list(DeadLetterFilter.ALL, from, Math.min(PAGE, max - searched));
            Optional<DeadLetter> found = page.letters().stream()
                    .filter(letter -> letter.id().equals(id))
                    .findFirst();
            if (found.isPresent() || page.next().isEmpty()) {
                return found;
            }
            searched += Math.max(1, page.searched());
            from = page.next();
        }
        return Optional.empty();
    }

    /**
     * @param letters as they were read
     * @return those that were moved
     */
    public List<DeadLetter> retry(List<DeadLetter> letters) {
        List<Move> moves = new ArrayList<>();
        // The oldest first, as they are taken in the order in which they come to their lanes.
        for (int i = letters.size() - 1; i >= 0; i--) {
            if (letters.get(i).retryable()) {
                moves.add(retry(letters.get(i)));
            }
        }
        return carryOut(moves, "retried");
    }

    /**
     * @param letters as they were read
     * @return those that were deleted
     */
    public List<DeadLetter> delete(List<DeadLetter> letters) {
        return carryOut(
                letters.stream()
                        .map(letter -> new Move(letter, AWAY, Bytes.EMPTY, Bytes.EMPTY, null))
                        .toList(),
                "deleted");
    }

    /** What becomes of one letter: its lane, its task's text and status, and the task if it takes a unique key. */
    private record Move(
            DeadLetter letter,
            byte[] lane,
            byte[] text,
            byte[] status,
            @Nullable Task unique) {}

    private Move retry(DeadLetter letter) {
        Task task = reader.task(letter, Instant.now());
        TaskHistory history = task.history();
        Task fresh = task.withHistory(new TaskHistory(history.createdAtMillis(), 0, history.lastError()));
        byte[] status = queue.limits().tracksStatus()
                ? StatusCodec.of(fresh, TaskState.PENDING).whole()
                : Bytes.EMPTY;
        return new Move(
                letter,
                Keys.laneNumber(fresh.priority()),
                queue.codec().write(fresh),
                status,
                UniqueKeys.has(fresh) ? fresh : null);
    }

    private List<DeadLetter> carryOut(List<Move> moves, String done) {
        List<DeadLetter> moved = new ArrayList<>();
        int from = 0;
        while (from < moves.size()) {
            List<Move> some = moves.subList(from, Math.min(from + MOVED_AT_ONCE, moves.size()));
            List<Object> reply = send(some, moved, done);
            // It may have come to the first of them only, but to that at least.
            int answered = reply.size() - 1;
            for (int i = 0; i < answered; i++) {
                if (Bytes.number(reply.get(i)) == 1) {
                    moved.add(some.get(i).letter());
                }
            }
            String error = Bytes.text((byte[]) reply.get(answered));
            if (!error.isEmpty()) {
                throw new BrokerRejectedException(
                        moved.size() + " letters were " + done + ", the rest were not: " + error, null);
            }
            from += answered;
        }
        return moved;
    }

    private List<Object> send(List<Move> some, List<DeadLetter> moved, String done) {
        List<byte[]> names = queue.keys().withLanes(queue.keys().dead);
        List<byte[]> args = new ArrayList<>();
        for (Move move : some) {
            names.add(queue.keys().task(move.letter().id()));
            names.add(queue.keys().recoveries(move.letter().id()));
            args.add(reader.raw(move.letter()));
            args.add(bytes(move.letter().position()));
            args.add(move.lane());
            args.add(move.text());
            args.add(move.status());
            args.add(bytes(move.letter().id()));
            Task unique = move.unique();
            names.add(unique == null ? queue.keys().normal : UniqueKeys.key(unique, queue.keys()));
            args.add(unique == null ? Bytes.EMPTY : TaskCodec.head(unique.id()));
            args.add(unique == null ? Bytes.EMPTY : bytes(UniqueKeys.hold(unique)));
        }
        try {
            return queue.redis().list(Script.DEAD_MOVE, names, args);
        } catch (Redis.BrokenRequestException e) {
            List<String> ids = some.stream().map(move -> move.letter().id()).toList();
            throw new OutcomeUnknownException(
                    e.getMessage() + "; " + moved.size() + " letters were " + done + ", and these may have been: "
                            + ids,
                    moved.size(),
                    moved.stream().map(DeadLetter::id).toList(),
                    ids,
                    e);
        }
    }
}
