package dev.taskqueue.cli;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.internal.config.BrokerVariables;
import dev.taskqueue.internal.config.InvalidSettingException;
import dev.taskqueue.internal.config.Variables;
import io.github.cdimascio.dotenv.Dotenv;
import io.github.cdimascio.dotenv.DotenvException;
import java.io.PrintWriter;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every command needs: the broker, and where to print. */
public final class Connection {

    /** In the working directory, or on the class path. */
    private static final String ENV_FILE = ".env";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--queue", paramLabel = "NAME", description = "The queue, in place of QUEUE_NAME and TASK_ROUTES.")
    private String queue;

    /**
     * @return where Redis is
     * @throws InvalidSettingException if a setting has a value that is not allowed
     */
    public RedisSettings settings() {
        return BrokerVariables.redis(variables());
    }

    /**
     * @param settings where Redis is
     * @param fallback the queue where {@code --queue} names none
     * @return a builder for its broker
     * @throws InvalidSettingException if a setting has a value that is not allowed
     */
    public RedisBroker.Builder broker(RedisSettings settings, String fallback) {
        return named(BrokerVariables.brokerOfOneQueue(settings, variables()), queue == null ? fallback : queue);
    }

    /** A broker of {@code --queue} alone; without it of QUEUE_NAME, with the routes of TASK_ROUTES. */
    RedisBroker open() {
        return queue == null
                ? BrokerVariables.broker(settings(), variables()).build()
                : named(BrokerVariables.brokerOfOneQueue(settings(), variables()), queue)
                        .build();
    }

    /**
     * Asks the server, after a request has failed, whether a setting is the cause.
     *
     * @return what to tell: the failure itself, or which setting it is
     */
    Exception explain(Exception failure) {
        // One that hangs would hang once more.
        boolean ofRedis = failure instanceof BrokerUnavailableException || failure instanceof BrokerRejectedException;
        if (!ofRedis || isTimeout(failure)) {
            return failure;
        }
        try (RedisBroker broker =
                BrokerVariables.broker(settings(), variables()).build()) {
            broker.check();
        } catch (BrokerRejectedException e) {
            return e;
        } catch (TaskQueueException e) {
            // It says no more than the failure did.
        }
        return failure;
    }

    private static boolean isTimeout(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SocketTimeoutException) {
                return true;
            }
        }
        return false;
    }

    private static RedisBroker.Builder named(RedisBroker.Builder builder, String name) {
        Variables.refuseSecret("--queue", name);
        try {
            return builder.queue(name);
        } catch (IllegalArgumentException e) {
            throw new InvalidSettingException("--queue: " + e.getMessage());
        }
    }

    /**
     * @return where results go
     */
    public PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /**
     * @return where all else goes
     */
    public PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Tells of something beside the result. */
    void warn(String text) {
        err().println("client: " + text);
        err().flush();
    }

    boolean isQueueGiven() {
        return queue != null;
    }

    /**
     * Says how far a long command is, on standard error.
     *
     * @param step a line
     */
    public void tell(String step) {
        err().println(step);
        err().flush();
    }

    static Variables variables() {
        if (!Files.exists(Path.of(ENV_FILE)) && Connection.class.getResource("/" + ENV_FILE) == null) {
            // Nothing to read: the library that would find that out takes longer to load than the rest to answer.
            return new Variables(System::getenv);
        }
        try {
            // It asks the real environment first.
            return new Variables(Dotenv.configure().ignoreIfMissing().load()::get);
        } catch (DotenvException e) {
            // Its message may quote the line, and with it a password.
            throw new InvalidSettingException(".env cannot be read; each line must be NAME=value, a comment or blank");
        }
    }
}
