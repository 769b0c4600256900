package dev.taskqueue.cli;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.config.BrokerVariables;
import dev.taskqueue.config.InvalidSettingException;
import dev.taskqueue.config.Variables;
import io.github.cdimascio.dotenv.Dotenv;
import io.github.cdimascio.dotenv.DotenvException;
import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every command needs: the broker, and where to print. */
final class Connection {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--queue", paramLabel = "NAME", description = "The queue, in place of QUEUE_NAME.")
    private String queue;

    /**
     * @throws InvalidSettingException if a setting has a value that is not allowed
     */
    RedisBroker open() {
        Variables variables = new Variables(environment()::get);
        RedisBroker.Builder builder = BrokerVariables.broker(BrokerVariables.redis(variables), variables);
        if (queue != null) {
            try {
                builder.queue(queue);
            } catch (IllegalArgumentException e) {
                throw new InvalidSettingException("--queue: " + e.getMessage());
            }
        }
        return builder.build();
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    private static Dotenv environment() {
        try {
            // It asks the real environment first.
            return Dotenv.configure().ignoreIfMissing().load();
        } catch (DotenvException e) {
            throw new InvalidSettingException(".env cannot be read: " + e.getMessage());
        }
    }
}
