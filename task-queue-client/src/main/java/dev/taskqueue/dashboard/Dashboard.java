package dev.taskqueue.dashboard;

import com.sun.net.httpserver.HttpHandler;
import dev.taskqueue.broker.RedisBroker;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The HTTP API of a queue, and its page, as a handler for a server of the JDK:
 *
 * <pre>{@code
 * HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 8080), 0);
 * server.setExecutor(Executors.newFixedThreadPool(50));
 * server.createContext("/queue/", Dashboard.of(broker).adminToken(token).handler());
 * server.start();
 * }</pre>
 *
 * <p>Without a token it serves this machine alone, and whoever asks from it may do all. {@code client.jar dashboard} serves the
 * same by itself, and stands more: the JDK's server gives a thread to each request that has begun, however slowly it goes on. A
 * handler asks Redis only when it is asked; it ends with its server, and the broker is its caller's to close.
 */
public final class Dashboard {

    private static final int MAX_RUNNING = 64;

    private final RedisBroker broker;
    private final Tokens tokens = new Tokens();
    private final Set<String> hosts = new LinkedHashSet<>();
    private Redaction redaction = new Redaction(List.of());
    private boolean readOnly;
    private int maxWaiters = 32;
    private WrongTries.Pause pause = Thread::sleep;
    private LongSupplier sharingClock = System::nanoTime;

    private Dashboard(RedisBroker broker) {
        this.broker = broker;
    }

    /**
     * @param broker whose queue, and those of its routes, are served
     * @return a builder with every default
     */
    public static Dashboard of(RedisBroker broker) {
        return new Dashboard(Objects.requireNonNull(broker, "broker"));
    }

    /**
     * @param token for who may look; none by default. 16 to 256 letters, digits or {@code . _ ~ + / = -}, another for each role
     * @return this
     * @throws IllegalArgumentException if it is not of that form, or that of another role
     */
    public Dashboard viewerToken(String token) {
        tokens.put(Role.VIEWER, token);
        return this;
    }

    /**
     * @param token for who may enqueue, cancel, retry, pause and resume a queue, and fire a schedule, too; none by default. Of
     *     the form of {@link #viewerToken}
     * @return this
     * @throws IllegalArgumentException if it is not of that form, or that of another role
     */
    public Dashboard operatorToken(String token) {
        tokens.put(Role.OPERATOR, token);
        return this;
    }

    /**
     * @param token for who may do all, such as delete and change schedules; none by default. Of the form of
     *     {@link #viewerToken}
     * @return this
     * @throws IllegalArgumentException if it is not of that form, or that of another role
     */
    public Dashboard adminToken(String token) {
        tokens.put(Role.ADMIN, token);
        return this;
    }

    /**
     * @param only whether whatever acts is refused, false by default
     * @return this
     */
    public Dashboard readOnly(boolean only) {
        readOnly = only;
        return this;
    }

    /**
     * Adds a name by which the server is asked for, beside {@code localhost} and its address. Requests with another
     * {@code Host} are refused, as they may come from a page whose name was made to lead here.
     *
     * @param name without scheme and port, such as {@code queue.example.com}; none by default
     * @return this
     * @throws IllegalArgumentException if it is no such name
     */
    public Dashboard host(String name) {
        if (!name.matches("[A-Za-z0-9_.-]{1,253}|\\[[0-9A-Fa-f:.]+]")) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" is no name of a host, without scheme and port, such as queue.example.com");
        }
        hosts.add(name);
        return this;
    }

    /**
     * Takes values out of every payload that is shown. Errors and results, which handlers write, are shown as they are.
     *
     * @param pointers JSON pointers into payloads, such as {@code /card}; a step {@code *} stands for any. None by default
     * @return this
     * @throws IllegalArgumentException if one is none
     */
    public Dashboard redact(List<String> pointers) {
        redaction = new Redaction(pointers);
        return this;
    }

    /**
     * @param max how many requests may wait for a task's end at once, 32 by default; each holds a thread of the server for up to
     *     60 s. 0 to 10,000
     * @return this
     * @throws IllegalArgumentException if it is out of that range
     */
    public Dashboard maxWaiters(int max) {
        if (max < 0 || max > 10_000) {
            throw new IllegalArgumentException("maxWaiters is " + max + "; it must be from 0 to 10000");
        }
        maxWaiters = max;
        return this;
    }

    /**
     * @return what serves it, below whatever path it is mounted at
     */
    public HttpHandler handler() {
        return build();
    }

    /** How whoever guesses tokens is held up, for tests. */
    Dashboard pause(WrongTries.Pause how) {
        pause = how;
        return this;
    }

    /** By which what is shown to all alike grows old, for tests. */
    Dashboard sharingClock(LongSupplier nanoTime) {
        sharingClock = nanoTime;
        return this;
    }

    /** How many threads it can have use of. */
    int threads() {
        return MAX_RUNNING + maxWaiters;
    }

    boolean hasTokens() {
        return !tokens.isEmpty();
    }

    DashboardHandler build() {
        Queues queues = new Queues(broker);
        Sessions sessions = new Sessions(System::nanoTime);
        Access access = new Access(tokens, sessions, new WrongTries(System::nanoTime, pause));
        List<Route> routes = Routes.of(
                queues, redaction, new SessionApi(access, sessions, queues, readOnly), maxWaiters, sharingClock);
        return new DashboardHandler(routes, new OriginCheck(hosts), access, readOnly, threads());
    }
}
