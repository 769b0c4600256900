package dev.taskqueue.dashboard;

import java.io.IOException;

/** What a route does. */
@FunctionalInterface
interface Action {

    /**
     * @throws Problem if it is not answered as it wished
     * @throws InterruptedException if the server closes
     * @throws IOException if the body cannot be read
     */
    Response answer(Request request) throws InterruptedException, IOException;
}
