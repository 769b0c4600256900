package dev.taskqueue.cli.bench;

import dev.taskqueue.TaskQueueException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Workers in JVMs of their own, as in production; each ends with the standard input that it has from here. */
final class WorkerProcesses implements AutoCloseable {

    private final List<Process> processes = new ArrayList<>();

    /**
     * Starts them, and waits until all workers are ready.
     *
     * @param number how many processes
     * @param options of {@link WorkerProcessCommand}
     */
    WorkerProcesses(int number, List<String> options) {
        List<String> command =
                ChildJvm.command(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"), "worker-process");
        command.addAll(options);
        try {
            for (int i = 0; i < number; i++) {
                processes.add(new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start());
            }
            for (Process process : processes) {
                awaitReady(process);
            }
        } catch (IOException e) {
            close();
            throw new TaskQueueException("cannot start a worker process: " + e.getMessage(), e);
        }
    }

    private static void awaitReady(Process process) throws IOException {
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.equals(WorkerProcessCommand.READY)) {
                return;
            }
        }
        throw new IOException("it ended before it was ready");
    }

    /** Has them drain and end, and waits for that. */
    @Override
    public void close() {
        for (Process process : processes) {
            try {
                process.getOutputStream().close();
            } catch (IOException e) {
                process.destroy();
            }
        }
        for (Process process : processes) {
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                processes.forEach(Process::destroy);
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
