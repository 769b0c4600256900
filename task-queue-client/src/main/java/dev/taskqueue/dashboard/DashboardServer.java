package dev.taskqueue.dashboard;

import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpCompliance.Violation;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.spi.JettyHttpServer;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandlerCollection;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;

/**
 * Serves a dashboard to clients of which none is trusted to go on. Jetty behind the JDK's interface: it reads heads without a
 * thread, where the JDK's server gives one to each request that has begun. With 1,000 half-sent requests the JDK's server and 96
 * threads answered nobody for 40 s (and with a limit of 10 s reset the next one, too), while Jetty answered within 3 to 6 ms.
 */
public final class DashboardServer implements AutoCloseable {

    private static final int MAX_HEAD_BYTES = 16 << 10;
    private static final long IDLE_MILLIS = 10_000;
    private static final long STOP_MILLIS = 5_000;

    /** Beside those that answer: they accept, select, and time out. */
    private static final int OWN_THREADS = 16;

    private final Server server;
    private final ServerConnector connector;

    private DashboardServer(Server server, ServerConnector connector) {
        this.server = server;
        this.connector = connector;
    }

    /**
     * Begins to serve.
     *
     * @param dashboard what
     * @param address where; port 0 is any
     * @return the server
     * @throws IllegalArgumentException if the address is not of this machine alone and there is no token
     * @throws IOException if the address cannot be bound
     */
    public static DashboardServer start(Dashboard dashboard, InetSocketAddress address) throws IOException {
        if (!dashboard.hasTokens() && !address.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "without a token only this machine is served: set DASHBOARD_ADMIN_TOKEN, or bind 127.0.0.1");
        }
        QueuedThreadPool threads = new QueuedThreadPool(dashboard.threads() + OWN_THREADS, 8);
        threads.setName("task-queue-dashboard");
        Server server = new Server(threads, new ScheduledExecutorScheduler("task-queue-dashboard-timer", false), null);
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(configuration()));
        connector.setHost(address.getAddress().getHostAddress());
        connector.setPort(address.getPort());
        connector.setIdleTimeout(IDLE_MILLIS);
        connector.setAcceptQueueSize(511);
        server.addConnector(connector);
        connector.addBean(new SlowConnections(server.getScheduler()));
        server.setHandler(new PatientHandler(new GracefulHandler(new ContextHandlerCollection())));
        server.setErrorHandler(new RefusalHandler());
        server.setStopTimeout(STOP_MILLIS);
        mount(server, dashboard.handler());
        try {
            server.start();
        } catch (IOException e) {
            stop(server);
            throw e;
        } catch (Exception e) {
            stop(server);
            throw new IOException(e.getMessage(), e);
        }
        return new DashboardServer(server, connector);
    }

    private static HttpConfiguration configuration() {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setRequestHeaderSize(MAX_HEAD_BYTES);
        configuration.setSendServerVersion(false);
        // Ids may hold slashes and dots, escaped; no path becomes that of a file.
        configuration.setUriCompliance(UriCompliance.UNSAFE);
        // Lines that some proxies take for the end of a head, and some do not.
        configuration.setHttpCompliance(HttpCompliance.RFC9110.without(
                "task-queue", Violation.LF_HEADER_TERMINATION, Violation.LF_CHUNK_TERMINATION));
        return configuration;
    }

    private static void mount(Server server, HttpHandler handler) {
        new JettyHttpServer(server, true).createContext("/", handler);
    }

    /** A request that waits for a task is silent for longer than a connection may be idle. */
    private static final class PatientHandler extends Handler.Wrapper {

        PatientHandler(Handler handler) {
            super(handler);
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            request.addIdleTimeoutListener(timeout -> false);
            return super.handle(new PlainHeaders(request), response, callback);
        }
    }

    /** What is no HTTP, or too large for a head, never reaches the dashboard; nothing of it is shown. */
    private static final class RefusalHandler extends ErrorHandler {

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            response.getHeaders().put("Content-Type", Problem.MEDIA_TYPE);
            response.getHeaders().put("X-Content-Type-Options", "nosniff");
            response.getHeaders().put("Cache-Control", "no-store");
            String body =
                    "{\"type\":\"urn:task-queue:problem:http\",\"title\":\"The request is not valid HTTP\",\"status\":"
                            + response.getStatus() + ",\"detail\":\"the request was refused before it was read\"}";
            response.write(true, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), callback);
            return true;
        }
    }

    /**
     * @return the port that it listens at
     */
    public int port() {
        return connector.getLocalPort();
    }

    /**
     * Waits until it is closed.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public void join() throws InterruptedException {
        server.join();
    }

    /** Takes no new requests, lets those that run end for 5 s, and ends. */
    @Override
    public void close() {
        stop(server);
    }

    private static void stop(Server server) {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the server cannot be stopped", e);
        }
    }
}
