package dev.taskqueue.broker.internal;

import java.time.Duration;
import java.util.Optional;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * How many replicas shall have what was written, before it counts as accepted.
 *
 * @param replicas 0: none, and nothing is asked
 * @param timeout how long to wait for them
 */
public record ReplicaWait(int replicas, Duration timeout) {

    /** Waits for none. */
    public static final ReplicaWait NONE = new ReplicaWait(0, Duration.ZERO);

    boolean isOn() {
        return replicas > 0;
    }

    /** To be sent right behind the writes, on their connection: it asks about what that connection wrote. */
    CommandArguments command() {
        return new CommandArguments(Command.WAIT).add(replicas).add(timeout.toMillis());
    }

    /**
     * @param reply to the command
     * @return what is missing, in words; empty if enough replicas have it
     */
    Optional<String> shortfall(Object reply) {
        if (reply instanceof JedisDataException refusal) {
            return Optional.of("it is not known how many of " + replicas + " replicas acknowledged that ("
                    + refusal.getMessage() + ")");
        }
        long acknowledged = Bytes.number(reply);
        return acknowledged >= replicas
                ? Optional.empty()
                : Optional.of(acknowledged + " of " + replicas + " replicas acknowledged that within "
                        + timeout.toMillis() + " ms");
    }
}
