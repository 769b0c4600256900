package dev.taskqueue.daemon;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves HTTP to clients of which none is trusted to go on: one thread, which never waits for any of them. A connection has
 * time limits, and where too many are open, the oldest gives way to the newest, so that a client that asks and listens is
 * answered whatever the others do. The JDK's server gives a thread to each request that has begun, and cannot let the
 * oldest connection go.
 */
final class HttpListener implements AutoCloseable {

    /** How many connections may be open at once. */
    static final int MAX_CONNECTIONS = 128;

    /** Answers a request: at once, or later from another thread. */
    @FunctionalInterface
    interface Handler {

        /**
         * @param reply takes the answer, from any thread; must be called once
         */
        void handle(HttpRequest request, Consumer<HttpResponse> reply);
    }

    private record Reply(HttpConnection connection, HttpResponse response) {}

    private static final Logger LOG = LoggerFactory.getLogger(HttpListener.class);
    private static final int BACKLOG = 511;

    /** Fewer than may be open, so that what was just accepted is read before it could have to give way. */
    private static final int MAX_ACCEPTED_AT_ONCE = MAX_CONNECTIONS / 4;

    private static final long TICK_MILLIS = 100;
    private static final long JOIN_MILLIS = 5_000;

    private final Handler handler;
    private final Selector selector;
    private final ServerSocketChannel server;
    private final SelectionKey accepting;
    private final Thread thread;
    private final Set<HttpConnection> connections = new LinkedHashSet<>();
    private final Queue<Reply> replies = new ConcurrentLinkedQueue<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(16 << 10);
    private volatile boolean closed;
    private boolean failed;

    /**
     * Begins to serve.
     *
     * @param handler called by the listener's own thread, which it must not hold up
     * @throws IOException if the address cannot be bound
     */
    HttpListener(InetSocketAddress address, Handler handler) throws IOException {
        this.handler = handler;
        selector = Selector.open();
        server = ServerSocketChannel.open();
        try {
            server.bind(address, BACKLOG);
            server.configureBlocking(false);
            accepting = server.register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException | RuntimeException e) {
            server.close();
            selector.close();
            throw e;
        }
        thread = new Thread(this::run, "task-queue-http");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return server.socket().getLocalPort();
    }

    private void run() {
        while (!closed) {
            try {
                turn();
            } catch (IOException | RuntimeException | Error e) {
                // Such as no memory: this thread must outlive it, as its answers are what tells of it.
                if (!failed) {
                    LOG.atWarn().setCause(e).log("HTTP listener failed; continuing");
                    failed = true;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS));
            }
        }
        connections.forEach(HttpConnection::close);
        close(server);
        close(selector);
    }

    private void turn() throws IOException {
        selector.select(connections.isEmpty() && accepting.interestOps() != 0 ? 0 : TICK_MILLIS);
        accepting.interestOps(SelectionKey.OP_ACCEPT);
        for (Reply reply = replies.poll(); reply != null; reply = replies.poll()) {
            // One that had to go in the meantime needs no answer.
            if (connections.contains(reply.connection)) {
                HttpResponse response = reply.response;
                guard(reply.connection, connection -> connection.answer(response));
            }
        }
        List<SelectionKey> selected = new ArrayList<>(selector.selectedKeys());
        selector.selectedKeys().clear();
        for (SelectionKey key : selected) {
            if (key == accepting) {
                accept();
            } else if (key.isValid()) {
                guard((HttpConnection) key.attachment(), connection -> connection.proceed(buffer));
            }
        }
        long now = System.nanoTime();
        for (HttpConnection connection : List.copyOf(connections)) {
            if (connection.isOverdue(now)) {
                drop(connection);
            }
        }
    }

    private void accept() {
        for (int i = 0; i < MAX_ACCEPTED_AT_ONCE; i++) {
            SocketChannel channel = null;
            try {
                channel = server.accept();
                if (channel == null) {
                    return;
                }
                while (connections.size() >= MAX_CONNECTIONS) {
                    drop(connections.iterator().next());
                }
                channel.configureBlocking(false);
                SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
                HttpConnection connection = new HttpConnection(channel, key, this::handle);
                key.attach(connection);
                connections.add(connection);
            } catch (IOException e) {
                close(channel);
                // Most likely the process may open no more files: the oldest gives way, and the rest waits for a tick.
                if (channel == null) {
                    if (!connections.isEmpty()) {
                        drop(connections.iterator().next());
                    }
                    accepting.interestOps(0);
                    return;
                }
            }
        }
    }

    private void handle(HttpRequest request, HttpConnection connection) {
        handler.handle(request, response -> {
            replies.add(new Reply(connection, response));
            selector.wakeup();
        });
    }

    private interface Step {
        void on(HttpConnection connection) throws IOException;
    }

    /** Whatever goes wrong with one connection ends that one. */
    private void guard(HttpConnection connection, Step step) {
        try {
            step.on(connection);
        } catch (IOException e) {
            drop(connection);
        } catch (RuntimeException | Error e) {
            drop(connection);
            throw e;
        }
    }

    private void drop(HttpConnection connection) {
        connections.remove(connection);
        connection.close();
    }

    private static void close(AutoCloseable resource) {
        try {
            if (resource != null) {
                resource.close();
            }
        } catch (Exception e) {
            LOG.atDebug().setCause(e).log("cannot close");
        }
    }

    /** Ends the thread, and with it every connection. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        try {
            thread.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
