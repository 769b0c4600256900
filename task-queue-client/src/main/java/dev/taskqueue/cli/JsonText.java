package dev.taskqueue.cli;

import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.RawJson;

/** JSON as people give it on a command line: it goes into the queue as it is. */
final class JsonText {

    private JsonText() {}

    /**
     * @param utf8 the text
     * @param where what it is, for the message
     * @throws InvalidTaskException if it is not JSON
     */
    static RawJson parse(byte[] utf8, String where) {
        try {
            return RawJson.parse(utf8);
        } catch (InvalidTaskException e) {
            throw new InvalidTaskException(where + " is " + e.getMessage(), e);
        }
    }
}
