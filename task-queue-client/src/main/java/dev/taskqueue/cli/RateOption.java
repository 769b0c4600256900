package dev.taskqueue.cli;

import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.internal.TaskLimits;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** How many a second a command changes at most. */
final class RateOption {

    private static final Pattern RATE = Pattern.compile("(\\d{1,6})/s");

    @Option(names = "--rate", paramLabel = "N/s", description = "At most so many a second, such as 100/s.")
    private String rate;

    /**
     * @return how many a second; {@link Integer#MAX_VALUE} for as many as can be
     * @throws InvalidTaskException if it is no rate
     */
    int perSecond() {
        if (rate == null) {
            return Integer.MAX_VALUE;
        }
        Matcher matcher = RATE.matcher(rate.strip());
        if (!matcher.matches() || Integer.parseInt(matcher.group(1)) == 0) {
            throw new InvalidTaskException(
                    "--rate is " + TaskLimits.quote(rate) + "; it must be a number a second, such as 100/s");
        }
        return Integer.parseInt(matcher.group(1));
    }

    /** Into how many at a time to cut what is to be changed, so that the rate is kept within each tenth of a second. */
    int atOnce(int most) {
        return Math.min(most, Math.max(1, perSecond() / 10));
    }

    /** Waits as long as so many may take. */
    void pace(int changed) {
        int perSecond = perSecond();
        if (perSecond < Integer.MAX_VALUE) {
            LockSupport.parkNanos(1_000_000_000L * changed / perSecond);
        }
    }
}
