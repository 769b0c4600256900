package dev.taskqueue.daemon;

import dev.taskqueue.worker.HandlerProvider;
import dev.taskqueue.worker.TaskContext;
import dev.taskqueue.worker.TaskHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** Goes into a jar of its own: a handler that writes each run into a file, which outlives whatever is killed. */
public class RecordingHandlers implements HandlerProvider {

    @Override
    public Map<String, TaskHandler> handlers() {
        return Map.of("record", this::record);
    }

    private Object record(TaskContext task) throws IOException, InterruptedException {
        int number = task.payload().intValue();
        boolean fails = number % 100 == 7 || number % 10 == 3 && task.attempt() == 1;
        String line = task.id() + (fails ? " fails\n" : " runs\n");
        Files.writeString(Path.of(System.getenv("RUN_LOG")), line, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        Thread.sleep(number % 40);
        if (fails) {
            throw new IllegalStateException("as planned");
        }
        return number;
    }
}
