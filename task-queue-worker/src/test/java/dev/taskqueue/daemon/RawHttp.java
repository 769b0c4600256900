package dev.taskqueue.daemon;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A client of the local HTTP server that says whatever it likes; its connections stay open until it is closed. */
final class RawHttp implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration SOON = Duration.ofSeconds(1);

    private final int port;
    private final List<Socket> sockets = new ArrayList<>();

    RawHttp(int port) {
        this.port = port;
    }

    /** Every connection so far, the oldest first. */
    List<Socket> sockets() {
        return sockets;
    }

    Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        sockets.add(socket);
        return socket;
    }

    Socket send(String text) throws IOException {
        Socket socket = connect();
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        return socket;
    }

    /** What the server answers until it ends the connection. */
    String ask(String text) throws IOException {
        return answer(send(text), PATIENCE);
    }

    static String answer(Socket socket, Duration patience) throws IOException {
        socket.setSoTimeout((int) patience.toMillis());
        return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }

    /** Probes as an orchestrator does: on a connection of its own, within a second; but again if that fails. */
    void awaitAlive() {
        await("/healthz to answer").atMost(PATIENCE).until(() -> {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream().write("GET /healthz HTTP/1.0\r\n\r\n".getBytes(ISO_8859_1));
                return answer(socket, SOON).startsWith("HTTP/1.1 200");
            } catch (IOException e) {
                return false;
            }
        });
    }

    /** Whether the server has ended a connection; what it said before is skipped. */
    static boolean hasEnded(Socket socket) {
        try {
            socket.setSoTimeout(1);
            socket.getInputStream().readAllBytes();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** Whether the server has ended a connection, told without reading from it. */
    static boolean refusesToRead(Socket socket) {
        try {
            socket.getOutputStream().write('x');
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
