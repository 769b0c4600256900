package dev.taskqueue.cli;

import dev.taskqueue.cli.log.StderrProvider;

/** What has to be said before the first class of a library is loaded, so that a command answers soon. */
final class StartUp {

    private StartUp() {}

    static void prepare() {
        // Options of no command have such types, and to convert them takes a hundred and fifty classes.
        System.setProperty("picocli.converters.excludes", "java\\.(time|sql)\\..*");
        // Named here, not by a file in the jar: a program that mounts the dashboard logs as it likes.
        System.setProperty("slf4j.provider", StderrProvider.class.getName());
        System.setProperty("slf4j.internal.verbosity", "WARN");
    }
}
