package dev.taskqueue.cli.bench;

import dev.taskqueue.broker.RedisBroker;
import java.time.Duration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Whether statuses are kept while something is measured. */
final class TrackingOption {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--tracking", paramLabel = "on|off", description = "Whether statuses are kept (default: on).")
    private String value = "on";

    /** On or off. */
    String value() {
        if (!value.equals("on") && !value.equals("off")) {
            throw new ParameterException(spec.commandLine(), "--tracking is \"" + value + "\"; it must be on or off");
        }
        return value;
    }

    RedisBroker.Builder applyTo(RedisBroker.Builder builder) {
        return value().equals("off") ? builder.taskStatusTtl(Duration.ZERO) : builder;
    }
}
