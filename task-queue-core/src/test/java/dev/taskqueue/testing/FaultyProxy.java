package dev.taskqueue.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Stands between a client and a Redis and breaks things: it can take a request through and lose the reply, at a named
 * request or now and then by chance, and halve or delay replies.
 */
public final class FaultyProxy implements AutoCloseable {

    private final ServerSocket server;
    private final Thread acceptor;
    private volatile InetSocketAddress target;
    private final Random random;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicReference<String> armed = new AtomicReference<>();
    private final AtomicInteger faults = new AtomicInteger();
    private volatile double faultRate;
    private volatile String answer;

    public FaultyProxy(String targetHost, int targetPort, long seed) {
        pointTo(targetHost, targetPort);
        random = new Random(seed);
        try {
            server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        acceptor = daemon("proxy-accept", this::accept);
    }

    public String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** Has new connections go to another server, as a name does that is given to another machine; the old ones stay. */
    public final void pointTo(String host, int port) {
        target = InetSocketAddress.createUnresolved(host, port);
    }

    /** The next request that holds this text reaches Redis, and its reply is lost with the connection. */
    public void loseReplyTo(String request) {
        armed.set(request);
    }

    /** The next request that holds this text does not reach Redis, and this is what it gets for a reply. */
    public void answer(String request, String reply) {
        answer = reply;
        armed.set(request);
    }

    public boolean hasFired() {
        return armed.get() == null;
    }

    /** From now on each reply is broken with this probability: lost, halved or delayed. */
    public void breakReplies(double probability) {
        faultRate = probability;
    }

    /** How many connections were cut so far. */
    public int faults() {
        return faults.get();
    }

    private static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                InetSocketAddress current = target;
                Socket redis = new Socket(current.getHostString(), current.getPort());
                client.setTcpNoDelay(true);
                redis.setTcpNoDelay(true);
                sockets.add(client);
                sockets.add(redis);
                Pair pair = new Pair(client, redis);
                daemon("proxy-up", pair::forwardRequests);
                daemon("proxy-down", pair::forwardReplies);
            } catch (IOException e) {
                // Closed, or Redis is away: the client sees its connection refused or broken.
                pause(5);
            }
        }
    }

    private static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Pair {

        private final Socket client;
        private final Socket redis;
        private volatile boolean loseNext;

        Pair(Socket client, Socket redis) {
            this.client = client;
            this.redis = redis;
        }

        void forwardRequests() {
            byte[] buffer = new byte[1 << 16];
            try {
                InputStream in = client.getInputStream();
                OutputStream out = redis.getOutputStream();
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    String wanted = armed.get();
                    if (wanted != null
                            && new String(buffer, 0, n, StandardCharsets.ISO_8859_1).contains(wanted)
                            && armed.compareAndSet(wanted, null)) {
                        String reply = answer;
                        answer = null;
                        if (reply != null) {
                            faults.incrementAndGet();
                            client.getOutputStream().write(reply.getBytes(StandardCharsets.ISO_8859_1));
                            continue;
                        }
                        loseNext = true;
                    }
                    out.write(buffer, 0, n);
                }
            } catch (IOException e) {
                // The other direction closes too.
            } finally {
                cut();
            }
        }

        void forwardReplies() {
            byte[] buffer = new byte[1 << 16];
            try {
                InputStream in = redis.getInputStream();
                OutputStream out = client.getOutputStream();
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (loseNext) {
                        faults.incrementAndGet();
                        return;
                    }
                    if (faultRate > 0 && random.nextDouble() < faultRate) {
                        int kind = random.nextInt(3);
                        if (kind == 0) {
                            pause(random.nextInt(50));
                        } else {
                            faults.incrementAndGet();
                            out.write(buffer, 0, kind == 1 ? 0 : n / 2);
                            return;
                        }
                    }
                    out.write(buffer, 0, n);
                }
            } catch (IOException e) {
                // The other direction closes too.
            } finally {
                cut();
            }
        }

        private void cut() {
            close(client);
            close(redis);
        }
    }

    private void close(Socket socket) {
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            // The port stays open until the accept that is under way has returned, perhaps with one more connection.
            acceptor.join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        sockets.forEach(this::close);
    }
}
