package dev.taskqueue.daemon;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * One connection, which serves one request: its head is read, it is answered, and the connection ends. What comes behind the
 * head, a body or another request, is thrown away. Belongs to the thread of its {@link HttpListener}, and never blocks it.
 */
final class HttpConnection {

    /** How long a client may take to send the head of its request. */
    static final Duration READ_TIME = Duration.ofSeconds(5);

    /** How long the answer may take, and its way to the client. */
    static final Duration ANSWER_TIME = Duration.ofSeconds(10);

    /** How many bytes a head may have. */
    static final int MAX_HEAD_BYTES = 8 << 10;

    /** How long to wait, after the answer, for the client to end the connection. */
    private static final Duration LINGER_TIME = Duration.ofSeconds(1);

    /** How many bytes to throw away meanwhile. */
    private static final int LINGER_BYTES = 1 << 20;

    private enum State {
        READING,
        ANSWERING,
        WRITING,
        LINGERING
    }

    private final SocketChannel channel;
    private final SelectionKey key;
    private final BiConsumer<HttpRequest, HttpConnection> handler;
    private final ByteArrayOutputStream head = new ByteArrayOutputStream(256);
    private boolean emptyLine = true;
    private State state = State.READING;
    private boolean bodiless;
    private ByteBuffer[] answer;
    private int discarded;
    private long deadline;

    /**
     * @param handler is given each request that can be read; it or another thread brings the answer to the listener
     */
    HttpConnection(SocketChannel channel, SelectionKey key, BiConsumer<HttpRequest, HttpConnection> handler) {
        this.channel = channel;
        this.key = key;
        this.handler = handler;
        allow(READ_TIME);
    }

    private void allow(Duration time) {
        deadline = System.nanoTime() + time.toNanos();
    }

    boolean isOverdue(long nanoTime) {
        return nanoTime - deadline >= 0;
    }

    /**
     * Goes on with what the channel is ready for.
     *
     * @param buffer room for what comes in
     * @throws IOException if the connection is at its end
     */
    void proceed(ByteBuffer buffer) throws IOException {
        switch (state) {
            case READING -> read(buffer);
            case WRITING -> write();
            case LINGERING -> discard(buffer);
            case ANSWERING -> key.interestOps(0);
        }
    }

    private void read(ByteBuffer buffer) throws IOException {
        if (channel.read(buffer.clear()) < 0) {
            throw new IOException("the client went away");
        }
        buffer.flip();
        while (buffer.hasRemaining()) {
            if (append(buffer.get())) {
                request();
                return;
            }
            if (head.size() > MAX_HEAD_BYTES) {
                answer(HttpResponse.text(431, "a request's head may have " + MAX_HEAD_BYTES + " bytes\n"));
                return;
            }
        }
    }

    /** Returns whether the head is complete: an empty line came, other than before the request line. */
    private boolean append(byte next) {
        if (next == '\n' && emptyLine && head.size() > 0) {
            return true;
        }
        if (next != '\r' && next != '\n' || !emptyLine) {
            head.write(next);
        }
        emptyLine = next == '\n' || emptyLine && next == '\r';
        return false;
    }

    private void request() throws IOException {
        Optional<HttpRequest> request = HttpRequest.parse(head.toString(ISO_8859_1));
        if (request.isEmpty()) {
            answer(HttpResponse.text(400, "that is no HTTP/1 request\n"));
            return;
        }
        bodiless = request.get().method().equals("HEAD");
        state = State.ANSWERING;
        key.interestOps(0);
        allow(ANSWER_TIME);
        handler.accept(request.get(), this);
    }

    /**
     * @throws IOException if the connection is at its end
     */
    void answer(HttpResponse response) throws IOException {
        answer = response.parts(bodiless);
        state = State.WRITING;
        allow(ANSWER_TIME);
        write();
    }

    private void write() throws IOException {
        channel.write(answer);
        if (answer[0].hasRemaining() || answer[1].hasRemaining()) {
            key.interestOps(SelectionKey.OP_WRITE);
            return;
        }
        answer = null;
        state = State.LINGERING;
        // To close while something is unread would reset the connection, and could take the answer from the client.
        channel.shutdownOutput();
        allow(LINGER_TIME);
        key.interestOps(SelectionKey.OP_READ);
    }

    private void discard(ByteBuffer buffer) throws IOException {
        int bytes = channel.read(buffer.clear());
        discarded += bytes;
        if (bytes < 0 || discarded > LINGER_BYTES) {
            throw new IOException("served");
        }
    }

    void close() {
        key.cancel();
        try {
            channel.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }
}
