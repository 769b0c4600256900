package dev.taskqueue.broker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/**
 * Finds out which protocol an address speaks, over a connection of its own and without telling it any secret. A client that
 * speaks another one waits for its time limits, or is cut off without a reason.
 */
final class WireProbe {

    private static final int PATIENCE_MILLIS = 1_000;

    private static final int ATTEMPTS = 5;

    /** The first bytes of a record of TLS. */
    private static final int ALERT = 0x15;

    private static final int HANDSHAKE = 0x16;

    private WireProbe() {}

    /** Whether a bare PING is answered, be it by an error. One that speaks TLS hangs up at once. */
    static boolean speaksPlain(RedisAddress address) {
        int first = firstByte(address, "PING\r\n".getBytes(US_ASCII));
        return first == '+' || first == '-';
    }

    static boolean speaksTls(RedisAddress address) {
        try {
            int first = firstByte(address, clientHello());
            return first == HANDSHAKE || first == ALERT;
        } catch (IOException | GeneralSecurityException e) {
            // A JVM without TLS; then this is not what is wrong.
            return false;
        }
    }

    /**
     * Why the server turns our certificate down. In TLS 1.3 it says so only after the handshake, and whoever has sent something
     * by then may find the connection broken before it can read that.
     */
    static Optional<String> refusal(RedisAddress address, SSLContext context) {
        for (int i = 0; i < ATTEMPTS; i++) {
            try (Socket plain = connect(address);
                    SSLSocket socket = (SSLSocket)
                            context.getSocketFactory().createSocket(plain, address.host(), address.port(), true)) {
                socket.startHandshake();
                socket.getInputStream().read();
                return Optional.empty();
            } catch (SocketTimeoutException e) {
                // It waits for a command.
                return Optional.empty();
            } catch (SSLException e) {
                return Optional.of(String.valueOf(e.getMessage()));
            } catch (IOException e) {
                // It hung up while our side of the handshake was being written: its reason is lost. The next time it
                // may not be.
            }
        }
        return Optional.empty();
    }

    private static int firstByte(RedisAddress address, byte[] request) {
        try (Socket socket = connect(address)) {
            socket.getOutputStream().write(request);
            return socket.getInputStream().read();
        } catch (IOException e) {
            return -1;
        }
    }

    private static Socket connect(RedisAddress address) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(address.host(), address.port()), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static byte[] clientHello() throws IOException, GeneralSecurityException {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), hello);
        byte[] bytes = new byte[hello.flip().remaining()];
        hello.get(bytes);
        return bytes;
    }
}
