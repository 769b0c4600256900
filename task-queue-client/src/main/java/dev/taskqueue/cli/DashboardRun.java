package dev.taskqueue.cli;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.dashboard.Dashboard;
import dev.taskqueue.dashboard.DashboardServer;
import dev.taskqueue.dashboard.DashboardVariables;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.internal.config.InvalidSettingException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** One run of {@code client dashboard}. */
final class DashboardRun {

    private final Connection connection;
    private final String bind;
    private final int port;
    private final boolean readOnly;

    DashboardRun(Connection connection, String bind, int port, boolean readOnly) {
        this.connection = connection;
        this.bind = bind;
        this.port = port;
        this.readOnly = readOnly;
    }

    int call() throws IOException, InterruptedException {
        InetSocketAddress address = address();
        String shown = bind.contains(":") ? "[" + bind + "]" : bind;
        try (RedisBroker broker = connection.open()) {
            Dashboard dashboard = Dashboard.of(broker).readOnly(readOnly).host(shown);
            DashboardVariables.apply(dashboard, Connection.variables());
            DashboardServer server = start(dashboard, address);
            // A signal ends the JVM, once the requests that run have had their time.
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "task-queue-dashboard-stop"));
            connection
                    .out()
                    .println(
                            "dashboard of queue " + broker.queue() + " at http://" + shown + ":" + server.port() + "/");
            connection.out().flush();
            server.join();
        }
        return 0;
    }

    private static DashboardServer start(Dashboard dashboard, InetSocketAddress address) throws IOException {
        try {
            return DashboardServer.start(dashboard, address);
        } catch (IllegalArgumentException e) {
            throw new InvalidSettingException(
                    "--bind is " + address.getAddress().getHostAddress() + ": " + e.getMessage());
        } catch (IOException e) {
            throw new InvalidSettingException("--bind, --port: cannot listen at "
                    + address.getAddress().getHostAddress() + ":" + address.getPort() + ": " + e.getMessage());
        }
    }

    private InetSocketAddress address() {
        if (port < 0 || port > 65_535) {
            throw new InvalidSettingException("--port is " + port + "; it must be from 0 to 65535");
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(bind), port);
        } catch (UnknownHostException e) {
            throw new InvalidSettingException(
                    "--bind is " + TaskLimits.quote(bind) + "; it must be an address of this machine");
        }
    }
}
