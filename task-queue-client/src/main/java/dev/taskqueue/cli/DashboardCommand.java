package dev.taskqueue.cli;

import dev.taskqueue.internal.config.InvalidSettingException;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code client dashboard}: serves the HTTP API and its page. */
@Command(
        name = "dashboard",
        description = {
            "Serves the HTTP API and its page until it is told to end (SIGTERM, Ctrl-C).",
            "Without a token it serves this machine alone: DASHBOARD_VIEWER_TOKEN, DASHBOARD_OPERATOR_TOKEN and "
                    + "DASHBOARD_ADMIN_TOKEN say who may look, act, and do all."
        },
        mixinStandardHelpOptions = true)
final class DashboardCommand implements Callable<Integer> {

    @Mixin
    private Connection connection;

    @Option(names = "--port", paramLabel = "N", description = "0 takes any free one (default: ${DEFAULT-VALUE}).")
    private int port = 8080;

    @Option(
            names = "--bind",
            paramLabel = "ADDRESS",
            description = "The address to listen at; 0.0.0.0 for all, with a token (default: ${DEFAULT-VALUE}).")
    private String bind = "127.0.0.1";

    @Option(names = "--read-only", description = "Refuse whatever acts.")
    private boolean readOnly;

    /**
     * @throws InvalidSettingException if it cannot listen there
     */
    @Override
    public Integer call() throws IOException, InterruptedException {
        // In a class of its own: no other command needs to load what serves.
        return new DashboardRun(connection, bind, port, readOnly).call();
    }
}
