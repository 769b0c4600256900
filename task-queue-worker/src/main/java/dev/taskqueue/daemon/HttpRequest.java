package dev.taskqueue.daemon;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The head of one request, as much of HTTP/1 as probes and scrapers need.
 *
 * @param method as it was sent; methods are case-sensitive
 * @param path without its query
 * @param headers by name, of which case does not matter; of a repeated one the last counts
 */
record HttpRequest(String method, String path, Map<String, String> headers) {

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}";

    /**
     * @param head the request line and the header lines, without the empty line behind them
     * @return the request; empty if the text is none
     */
    static Optional<HttpRequest> parse(String head) {
        String[] lines = head.split("\r?\n");
        String[] words = lines[0].split(" ", -1);
        if (words.length != 3 || !words[0].matches(TOKEN) || !words[2].matches("HTTP/1\\.\\d")) {
            return Optional.empty();
        }
        // A proxy's form of the target names the host too.
        String path = words[1].replaceFirst("(?i)^https?://[^/?]*", "").replaceFirst("\\?.*", "");
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon < 1) {
                return Optional.empty();
            }
            headers.put(
                    lines[i].substring(0, colon), lines[i].substring(colon + 1).strip());
        }
        return Optional.of(new HttpRequest(words[0], path, headers));
    }

    /** Whether the method is one that is served: GET or HEAD. */
    boolean isRead() {
        return method.equals("GET") || method.equals("HEAD");
    }
}
