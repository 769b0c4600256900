package dev.taskqueue.daemon;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.internal.config.InvalidSettingException;
import dev.taskqueue.internal.config.Variables;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command line of the worker daemon. */
@Command(
        name = "worker",
        description = "Runs the tasks of one queue.",
        mixinStandardHelpOptions = true,
        versionProvider = WorkerMain.Version.class,
        footer = {
            "",
            "Settings come from the environment, else from the file .env, else they have defaults; .env.example tells all.",
            "SIGTERM or Ctrl-C lets running tasks finish; a second one puts them back at once.",
            "",
            "Exit code: 0 ended as asked, 1 something failed, 2 wrong use, or a setting that is wrong or that Redis rejects."
        })
final class WorkerMain implements Callable<Integer> {

    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            String version = WorkerMain.class.getPackage().getImplementationVersion();
            return new String[] {"task-queue worker " + (version == null ? "(unpackaged)" : version)};
        }
    }

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--embedded-redis",
            paramLabel = "DIR",
            arity = "0..1",
            fallbackValue = "redis-data",
            description = "Also run a Redis, on the loopback port of REDIS_ADDR, with its data in DIR (default: "
                    + "${FALLBACK-VALUE}).")
    private Path embeddedRedis;

    @Option(
            names = "--demo",
            description = "Run the sample tasks on an embedded Redis of its own, show what became of them, and end.")
    private boolean demo;

    private WorkerMain() {}

    /**
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(new CommandLine(new WorkerMain()).execute(args));
    }

    @Override
    public Integer call() {
        try {
            if (demo && embeddedRedis != null) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(), "--demo brings a Redis of its own; leave --embedded-redis out");
            }
            Function<String, String> environment = Environment.load();
            configureLogging(new Variables(environment));
            // Before anything that would have to be ended, such as an embedded Redis.
            try (StopSignal stop = StopSignal.install()) {
                return demo
                        ? new Demo(spec.commandLine().getOut(), stop).run()
                        : new Daemon(environment, embeddedRedis, stop).run();
            }
        } catch (InvalidSettingException | BrokerRejectedException e) {
            complain(e.getMessage());
            return 2;
        } catch (TaskQueueException | IOException e) {
            complain(e.getMessage());
            return 1;
        }
    }

    /** Must come before the first logger: the logging configuration reads these. */
    private void configureLogging(Variables variables) {
        String format = variables.text("LOG_FORMAT", "text").toLowerCase(Locale.ROOT);
        if (!format.equals("text") && !format.equals("json")) {
            throw Variables.invalid("LOG_FORMAT", format, "text or json");
        }
        String level = variables.text("LOG_LEVEL", demo ? "ERROR" : "INFO").toUpperCase(Locale.ROOT);
        if (!level.matches("ERROR|WARN|INFO|DEBUG|TRACE")) {
            throw Variables.invalid("LOG_LEVEL", level, "ERROR, WARN, INFO, DEBUG or TRACE");
        }
        LogSetup.use(format, level);
    }

    private void complain(String sentence) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("worker: " + sentence);
        err.flush();
    }
}
