package dev.taskqueue.broker.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.TaskSearch.Place;
import java.util.Base64;
import java.util.List;

/**
 * Where a page of entries begins: with which entry of which list. As text it is opaque, and fit for an address.
 *
 * @param place the place
 * @param name which of its lists: the worker's name or the parked type; empty in a place of one list
 * @param offset how many entries of the list, or of the same score, came before the entry
 * @param score its score; empty in a list
 * @param length its length in bytes
 * @param sha the SHA-1 of its beginning; empty for whatever is first
 */
record TaskCursor(Place place, String name, long offset, String score, long length, String sha) {

    static TaskCursor beginningOf(Place place, String name) {
        return new TaskCursor(place, name, 0, "", 0, "");
    }

    String text() {
        String parts = String.join("\n", place.name(), Long.toString(offset), score, Long.toString(length), sha, name);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(parts.getBytes(UTF_8));
    }

    /**
     * @throws InvalidTaskException if it is not what {@link #text} has written
     */
    static TaskCursor parse(String text) {
        try {
            List<String> parts = List.of(new String(Base64.getUrlDecoder().decode(text), UTF_8).split("\n", 6));
            return new TaskCursor(
                    Place.valueOf(parts.get(0)),
                    parts.get(5),
                    // What is not in bounds would be an error of the script.
                    Math.max(0, Math.min(Long.parseLong(parts.get(1)), Integer.MAX_VALUE)),
                    checkedScore(parts.get(2)),
                    Math.max(0, Math.min(Long.parseLong(parts.get(3)), Integer.MAX_VALUE)),
                    parts.get(4));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new InvalidTaskException("from is not what a page before it gave as next", e);
        }
    }

    private static String checkedScore(String score) {
        if (!score.matches("|[-+]?inf|[-+]?[0-9.]{1,40}(e[-+]?\\d{1,3})?")) {
            throw new IllegalArgumentException("no score");
        }
        return score;
    }
}
