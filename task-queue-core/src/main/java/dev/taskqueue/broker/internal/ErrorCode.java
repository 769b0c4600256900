package dev.taskqueue.broker.internal;

import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * The code of an error that Redis replies, such as {@code READONLY}: its first word, but for what other commands put around
 * it. Up to 6.2 a script does that, in one form where it fails and in another where it returns what {@code redis.pcall} gave
 * it, and with a dash where the server refused the command unseen; {@code EXEC} does it in every version.
 */
final class ErrorCode {

    private static final Pattern FORM = Pattern.compile("(?:ERR Error running script \\(call to \\w+\\): )?"
            + "(?:@user_script: ?\\d+: )*-?"
            + "(?:EXECABORT Transaction discarded because of: -?)?"
            + "([A-Z]+)\\b.*");

    /** What a server says that is no master, with data of its own or without. */
    private static final Set<String> OF_REPLICAS = Set.of("READONLY", "MASTERDOWN");

    /** What a server says to a user that it does not know, or that may not do this. */
    private static final Set<String> OF_REFUSED_USERS = Set.of("NOAUTH", "WRONGPASS", "NOPERM");

    private static final List<String> REFUSALS_WITHOUT_CODE =
            List.of("ERR AUTH", "ERR invalid password", "ERR DB index");

    private static final String TOO_MANY_CLIENTS = "ERR max number of clients";

    /** What a server says of one command or one key, while others may be carried out. */
    private static final Set<String> OF_ONE_COMMAND = Set.of("WRONGTYPE", "NOPERM", "ERR");

    private ErrorCode() {}

    /**
     * @param message the error
     * @return its code; empty if it has none
     */
    static String of(String message) {
        Matcher matcher = FORM.matcher(message.lines().findFirst().orElse(""));
        return matcher.matches() ? matcher.group(1) : "";
    }

    /** Whether the user, the password or the database is wrong, so that only other settings help. */
    static boolean isOfRefusedUser(String message) {
        return OF_REFUSED_USERS.contains(of(message))
                || REFUSALS_WITHOUT_CODE.stream().anyMatch(message::startsWith);
    }

    static boolean isOfReplica(String message) {
        return OF_REPLICAS.contains(of(message));
    }

    /** Whether it was refused for what it is or where it goes, so that other requests may fare better. */
    static boolean isOfOneCommand(Throwable failure) {
        return failure.getCause() instanceof JedisDataException refusal
                && OF_ONE_COMMAND.contains(of(String.valueOf(refusal.getMessage())))
                && !refusal.getMessage().startsWith(TOO_MANY_CLIENTS);
    }

    /** Whether a key holds something of another type than was asked for. */
    static boolean isOfWrongType(Throwable failure) {
        return failure.getCause() instanceof JedisDataException refusal
                && of(String.valueOf(refusal.getMessage())).equals("WRONGTYPE");
    }
}
