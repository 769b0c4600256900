package dev.taskqueue.dashboard;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.OutcomeUnknownException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a failure is to whoever asked. */
final class Problems {

    private static final Logger LOG = LoggerFactory.getLogger(Dashboard.class);

    /** Messages of {@link InvalidTaskException} begin with the field: {@code max_retries is -1; allowed is 0 to 10000}. */
    private static final Pattern FIELD = Pattern.compile("([a-z_]+(?:\\.[a-z_]+)*) is .*", Pattern.DOTALL);

    private Problems() {}

    static Problem of(Throwable failure) {
        if (failure instanceof Problem problem) {
            return problem;
        }
        if (failure instanceof InvalidTaskException) {
            Matcher field = FIELD.matcher(failure.getMessage());
            return Problem.invalid(field.matches() ? field.group(1) : null, failure.getMessage());
        }
        if (failure instanceof BrokerUnavailableException) {
            return Problem.of(503, "redis-unavailable", "Redis is away", failure.getMessage())
                    .with("Retry-After", "1");
        }
        if (failure instanceof OutcomeUnknownException) {
            return Problem.of(504, "outcome-unknown", "It may have been done, or not", failure.getMessage());
        }
        if (failure instanceof BrokerRejectedException) {
            return Problem.of(502, "redis-rejected", "Redis refuses this server", failure.getMessage());
        }
        if (failure instanceof InterruptedException) {
            return Problem.of(503, "closing", "The server is closing", "the server is closing")
                    .with("Retry-After", "1");
        }
        // Its text may hold anything; the log is the place for it.
        LOG.atError().setCause(failure).log("request failed");
        return Problem.of(500, "failed", "The server failed", "the server failed; its log says why");
    }
}
