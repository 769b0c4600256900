package dev.taskqueue.broker.internal;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.broker.RedisSettings;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisNoScriptException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/** The pooled connections to Redis: runs commands and scripts, and speaks of their failures in our words. */
final class Redis implements AutoCloseable {

    /** A request broke after it may have been sent, so that nobody knows whether Redis carried it out. */
    static final class BrokenRequestException extends BrokerUnavailableException {

        private static final long serialVersionUID = 1L;

        BrokenRequestException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private final RedisConnector connector;
    private final String address;
    private final Duration longestBlock;
    private volatile RedisLink link;
    private volatile boolean closed;

    private final boolean cluster;

    Redis(RedisSettings settings, Duration longestBlock) {
        connector = new RedisConnector(settings, longestBlock);
        address = settings.address();
        this.longestBlock = longestBlock;
        cluster = settings.cluster();
    }

    boolean isCluster() {
        return cluster;
    }

    /**
     * Whatever the client library throws, this throws one of these two: of the library's own kinds and of others, and where
     * the heap has no room for a reply, or that is none to this command. The library drops a connection of which it did not
     * read a whole reply.
     *
     * @param read turns the reply into a result; what it throws counts as a broken reply
     * @throws BrokenRequestException if the request may have been carried out
     * @throws BrokerUnavailableException if Redis certainly did not carry it out
     * @throws BrokerRejectedException the same, and only other settings help
     * @throws BrokerClosedException if this was closed
     */
    <T> T command(String what, Function<Object, T> read, Command command, byte[] key, Object... args) {
        return command(what, read, new CommandArguments(command).key(key).addObjects(args));
    }

    /** The same for a command of any form. */
    <T> T command(String what, Function<Object, T> read, CommandArguments command) {
        return callLink(what, used -> read.apply(used.execute(command)));
    }

    /** The same to the node that has a key, for a command that names none. */
    <T> T commandBeside(byte[] key, String what, Function<Object, T> read, CommandArguments command) {
        CommandArguments place = new CommandArguments(Command.EXISTS).key(key);
        return callLink(what, used -> read.apply(used.execute(place, command)));
    }

    /** What keys hold: null for each that is not there or holds no string; all of one slot in a cluster. */
    List<byte[]> values(String what, List<byte[]> keys) {
        return command(what, Bytes::list, new CommandArguments(Command.MGET).keys(keys));
    }

    boolean isType(String what, byte[] key, String type) {
        return command(what, Bytes::replyText, Command.TYPE, key).equals(type);
    }

    /** The first members of a sorted set; none where the key holds anything else. */
    List<byte[]> membersOf(String what, byte[] key, int most) {
        return isType(what, key, "zset") ? command(what, Bytes::list, Command.ZRANGE, key, 0, most - 1) : List.of();
    }

    /**
     * Sends a command that may block, and another one right behind it on the same connection: one round trip, and Redis
     * carries out both at a stroke once the first has something.
     *
     * @param blocking the command that may block, for the longest that was said at most
     * @param behind the other one; of the same slot in a cluster
     * @return both replies as the protocol gives them
     * @throws BrokerUnavailableException as for {@link #command}
     */
    List<Object> callTogether(String what, CommandArguments blocking, CommandArguments behind) {
        return callLink(what, used -> {
            try (Connection connection = used.connections().getConnection(blocking)) {
                List<Object> replies = exchange(connection, longestBlock, List.of(blocking), behind);
                for (Object reply : replies) {
                    if (reply instanceof JedisDataException refusal) {
                        throw refusal;
                    }
                }
                return replies;
            } catch (JedisRedirectionException e) {
                // A slot is on its way to another node: one after the other, as the route follows it.
                return Arrays.asList(used.execute(blocking), used.execute(behind));
            }
        });
    }

    /**
     * Sends writes right behind one another on one connection, and behind them the question how many replicas have them,
     * where that is wanted: one round trip.
     *
     * @param writes at least one; all of one slot in a cluster. Each is taken when it is to be sent, while Redis may be at those
     *     before it
     * @param read turns the replies into a result; a refusal is a reply too, as {@link JedisDataException}, and may be thrown
     * @return the result
     * @throws BrokerUnavailableException as for {@link #command}
     */
    <T> T write(String what, List<CommandArguments> writes, ReplicaWait wait, Function<List<Object>, T> read) {
        return callLink(what, used -> read.apply(write(used, writes, wait)));
    }

    /** Like {@link #write(String, List, ReplicaWait, Function)}, by a script. */
    <T> T write(Script script, List<byte[]> keys, List<byte[]> args, ReplicaWait wait, Function<List<Object>, T> read) {
        return callLink(script.what, used -> {
            List<Object> replies = write(used, List.of(script(Command.EVALSHA, script.sha(), keys, args)), wait);
            if (replies.get(0) instanceof JedisNoScriptException) {
                replies = write(used, List.of(script(Command.EVAL, script.source(), keys, args)), wait);
            }
            return read.apply(replies);
        });
    }

    private static CommandArguments script(Command command, byte[] script, List<byte[]> keys, List<byte[]> args) {
        return new CommandArguments(command)
                .add(script)
                .add(keys.size())
                .keys(keys)
                .addObjects(args);
    }

    private static List<Object> write(RedisLink used, List<CommandArguments> writes, ReplicaWait wait) {
        return used.route().run(writes.get(0), connection -> {
            List<Object> replies = exchange(connection, wait.timeout(), writes, wait.isOn() ? wait.command() : null);
            if (replies.get(0) instanceof JedisRedirectionException redirection) {
                throw redirection;
            }
            return replies;
        });
    }

    /**
     * @param block for how long Redis may wait before it answers
     * @param behind one more command, or null
     * @return the reply to each command; a refusal is one of them
     */
    private static List<Object> exchange(
            Connection connection, Duration block, List<CommandArguments> commands, @Nullable CommandArguments behind) {
        int usual = connection.getSoTimeout();
        boolean whole = false;
        try {
            if (!block.isZero()) {
                connection.setSoTimeout(usual + Math.toIntExact(block.toMillis()));
            }
            commands.forEach(connection::sendCommand);
            if (behind != null) {
                connection.sendCommand(behind);
            }
            List<Object> replies = connection.getMany(commands.size() + (behind == null ? 0 : 1));
            if (!block.isZero()) {
                connection.setSoTimeout(usual);
            }
            whole = true;
            return replies;
        } finally {
            if (!whole) {
                // It may hold a reply that nobody has read, and must not go to anybody else.
                connection.setBroken();
            }
        }
    }

    private <T> T callLink(String what, Function<RedisLink, T> request) {
        RedisLink used = link(what);
        try {
            return request.apply(used);
        } catch (TaskQueueException e) {
            throw e;
        } catch (JedisConnectionException e) {
            throw neverConnected(e) ? unavailable(what, e) : broken(what, e);
        } catch (JedisException e) {
            String refusal = e instanceof JedisDataException ? String.valueOf(e.getMessage()) : "";
            if (ErrorCode.isOfRefusedUser(refusal)) {
                throw new BrokerRejectedException(message(what, e), e);
            }
            if (ErrorCode.isOfReplica(refusal)) {
                // The old master after a failover: by its name it may be another machine already.
                forget(used);
            }
            throw unavailable(what, e);
        } catch (RuntimeException | OutOfMemoryError e) {
            throw broken(what, e);
        }
    }

    private BrokerUnavailableException unavailable(String what, Throwable e) {
        return new BrokerUnavailableException(message(what, e), e);
    }

    private BrokenRequestException broken(String what, Throwable e) {
        return new BrokenRequestException(message(what, e), e);
    }

    /** Runs a script by its SHA; where Redis has forgotten it, by its source, which Redis then remembers. */
    Object run(Script script, List<byte[]> keys, List<byte[]> args) {
        return callLink(script.what, used -> execute(used, script, keys, args));
    }

    /** Like {@link #run}, for a script that returns a list, or null. */
    List<Object> list(Script script, List<byte[]> keys, List<byte[]> args) {
        return callLink(script.what, used -> Bytes.mixedList(execute(used, script, keys, args)));
    }

    /** Like {@link #run}, for a script that returns a number. */
    long number(Script script, List<byte[]> keys, List<byte[]> args) {
        return callLink(script.what, used -> Bytes.number(execute(used, script, keys, args)));
    }

    private static Object execute(RedisLink used, Script script, List<byte[]> keys, List<byte[]> args) {
        try {
            return used.execute(script(Command.EVALSHA, script.sha(), keys, args));
        } catch (JedisNoScriptException e) {
            return used.execute(script(Command.EVAL, script.source(), keys, args));
        }
    }

    /** Connected on first use: with Sentinels or a cluster, to make a client is to talk to them. */
    private RedisLink link(String what) {
        RedisLink current = link;
        if (current != null) {
            return current;
        }
        synchronized (this) {
            if (closed) {
                throw new BrokerClosedException();
            }
            if (link == null) {
                link = connect(what);
            }
            return link;
        }
    }

    private RedisLink connect(String what) {
        try {
            return connector.connect();
        } catch (TaskQueueException e) {
            throw e;
        } catch (RuntimeException | OutOfMemoryError e) {
            throw unavailable(what, e);
        }
    }

    /** What is wrong with the settings; empty for a failure that may pass. May ask the server once more. */
    Optional<String> settingsFault(Throwable failure) {
        return connector.fault().of(failure);
    }

    private synchronized void forget(RedisLink used) {
        if (link == used) {
            link = null;
            used.close();
        }
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (link != null) {
            link.close();
            link = null;
        }
    }

    private String message(String what, Throwable e) {
        String reason = reason(e);
        return what + " failed: Redis at " + address + ": " + reason + SettingsFault.hint(reason);
    }

    /** The client says so mostly in its message alone: no connection was made, hence no request was sent. */
    private static boolean neverConnected(JedisConnectionException e) {
        String message = String.valueOf(e.getMessage());
        return e.getCause() instanceof SSLHandshakeException
                || message.startsWith("Failed to connect")
                || message.startsWith("Failed to create socket")
                || message.startsWith("All sentinels down");
    }

    private static String reason(Throwable e) {
        Throwable detail = e.getSuppressed().length > 0 ? e.getSuppressed()[0] : e.getCause();
        String message = e instanceof JedisException ? String.valueOf(e.getMessage()) : e.toString();
        boolean adds = detail != null && detail.getMessage() != null && !message.contains(detail.getMessage());
        return adds ? message + " (" + detail.getMessage() + ")" : message;
    }
}
