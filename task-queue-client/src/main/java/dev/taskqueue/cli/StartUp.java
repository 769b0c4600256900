package dev.taskqueue.cli;

/** What has to be said before the first class of a library is loaded, so that a command answers soon. */
final class StartUp {

    private StartUp() {}

    static void prepare() {
        // Options of no command have such types, and to convert them takes a hundred and fifty classes.
        System.setProperty("picocli.converters.excludes", "java\\.(time|sql)\\..*");
        LogSetup.use();
    }
}
