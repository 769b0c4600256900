package dev.taskqueue.dashboard;

import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Answers that whoever asks the same is given alike, so that fifty viewers of a page cost Redis what one does. Those that were
 * asked for longest ago give way, so that no heap is filled by asking for ever something else. Thread-safe.
 */
final class SharedAnswers {

    private static final int MAX_ANSWERS = 256;
    private static final long MAX_BYTES = 16 << 20;

    /** What was asked, by which action; who asks does not matter. */
    private record Question(Action action, Map<String, String> path, Map<String, String> query) {}

    private static final class Kept {

        private final Shared<Response> answer;
        private int size;

        private Kept(Shared<Response> answer) {
            this.answer = answer;
        }
    }

    private final Map<Question, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    /**
     * @param action what tells the same to whoever may ask, and reads no body
     * @return the same, asked as seldom as {@code freshness} says
     */
    Action share(Freshness freshness, Action action) {
        return request -> answer(
                new Question(action, request.path(), request.query().all()), freshness, () -> action.answer(request));
    }

    private Response answer(Question question, Freshness freshness, Shared.Source<Response> source)
            throws InterruptedException, IOException {
        Kept found;
        synchronized (kept) {
            found = kept.computeIfAbsent(question, asked -> new Kept(new Shared<>(freshness)));
            makeRoom(question);
        }
        Response response = found.answer.get(source);
        synchronized (kept) {
            if (kept.get(question) == found) {
                bytes += response.body().length - found.size;
                found.size = response.body().length;
                makeRoom(question);
            }
        }
        return response;
    }

    /** All but the one that is wanted may go. */
    private void makeRoom(Question wanted) {
        Iterator<Map.Entry<Question, Kept>> eldest = kept.entrySet().iterator();
        while ((kept.size() > MAX_ANSWERS || bytes > MAX_BYTES) && eldest.hasNext()) {
            Map.Entry<Question, Kept> entry = eldest.next();
            if (!entry.getKey().equals(wanted)) {
                bytes -= entry.getValue().size;
                eldest.remove();
            }
        }
    }

    /** How many answers are kept, for tests. */
    int size() {
        synchronized (kept) {
            return kept.size();
        }
    }
}
