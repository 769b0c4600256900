package dev.taskqueue.cli;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.internal.config.InvalidSettingException;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The command line of the client. */
@Command(
        name = "client",
        description = "Enqueues and inspects tasks. Alone it enqueues one sample of each kind.",
        mixinStandardHelpOptions = true,
        versionProvider = ClientMain.Version.class,
        footer = {
            "",
            "Redis is where REDIS_ADDR says (localhost:6379). Settings come from the environment, else from the file .env;",
            ".env.example tells all.",
            "",
            "Exit code: 0 done, 1 Redis or the task failed, 2 wrong use, or a setting that is wrong or that Redis rejects."
        })
final class ClientMain implements Callable<Integer> {

    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            String version = ClientMain.class.getPackage().getImplementationVersion();
            return new String[] {"task-queue client " + (version == null ? "(unpackaged)" : version)};
        }
    }

    @Mixin
    private Connection connection;

    private ClientMain() {}

    /**
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        StartUp.prepare();
        System.exit(commandLine(args).execute(args));
    }

    private static CommandLine commandLine(String[] args) {
        ClientMain main = new ClientMain();
        CommandLine line = new CommandLine(main);
        Commands.addTo(line, args);
        line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, new CommandList());
        line.getHelpSectionMap().remove(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING);
        // Not expanded: @FILE is the payload's file, never one of arguments.
        return line.setExpandAtFiles(false).setExecutionExceptionHandler((e, command, parsed) -> {
            if (e instanceof TaskQueueException || e instanceof IOException) {
                Exception told = main.connection.explain(e);
                command.getErr().println("client: " + told.getMessage());
                command.getErr().flush();
                return isMistake(told) ? 2 : 1;
            }
            throw e;
        });
    }

    private static boolean isMistake(Exception e) {
        return e instanceof InvalidSettingException
                || e instanceof InvalidTaskException
                || e instanceof BrokerRejectedException;
    }

    @Override
    public Integer call() {
        return new Samples(connection).enqueue();
    }
}
