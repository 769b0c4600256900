package dev.taskqueue.worker;

import dev.taskqueue.testing.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Worker JVMs in small heaps ({@link FleetWorker}), each started again when it ends, as whatever runs them in production
 * does.
 */
final class Fleet implements AutoCloseable {

    private static final int LOOK_MS = 50;
    private static final String READY = new WorkerHealth(List.of(), List.of()).toString();

    private final Path folder;
    private final Path runLog;
    private final List<String> arguments;
    private final List<Member> members = new ArrayList<>();
    private final Thread supervisor = new Thread(this::supervise, "fleet");
    private volatile boolean closed;
    private int deaths;

    /** One place in the fleet, and the process that fills it now. */
    private final class Member {

        private Process process;
        private Path health;
        private long startedNanos;

        void start() throws IOException {
            int number = deaths + members.size();
            health = folder.resolve("health-" + number + "-" + System.nanoTime());
            List<String> command = new ArrayList<>(
                    List.of(ProcessHandle.current().info().command().orElseThrow(), "-Xmx64m"));
            command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), FleetWorker.class.getName()));
            command.addAll(arguments);
            command.addAll(List.of(runLog.toString(), health.toString()));
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("fleet.log").toFile()))
                    .start();
            startedNanos = System.nanoTime();
        }

        String health() {
            try {
                return Files.exists(health) ? Files.readString(health) : "not started yet";
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private Fleet(Path folder, List<String> arguments) {
        this.folder = folder;
        this.arguments = arguments;
        runLog = folder.resolve("runs-" + System.nanoTime());
    }

    /**
     * @param folder for the files of this fleet
     * @param size how many JVMs
     * @param concurrency threads of each
     * @return the fleet, its first JVMs started
     */
    static Fleet start(
            Path folder, int size, String address, String queue, int concurrency, Duration lease, int maxRecoveries)
            throws IOException {
        Fleet fleet =
                new Fleet(folder, List.of(address, queue, "" + concurrency, "" + lease.toMillis(), "" + maxRecoveries));
        for (int i = 0; i < size; i++) {
            Member member = fleet.new Member();
            member.start();
            fleet.members.add(member);
        }
        fleet.supervisor.setDaemon(true);
        fleet.supervisor.start();
        return fleet;
    }

    private void supervise() {
        try {
            while (!closed) {
                restartDead();
                TimeUnit.MILLISECONDS.sleep(LOOK_MS);
            }
        } catch (InterruptedException e) {
            // Closed.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void restartDead() throws IOException {
        for (Member member : members) {
            if (!closed && !member.process.isAlive()) {
                deaths++;
                member.start();
            }
        }
    }

    /** How many JVMs have died, for whatever reason. */
    synchronized int deaths() {
        return deaths;
    }

    synchronized boolean isReady() {
        return members.stream()
                .allMatch(member -> member.process.isAlive() && member.health().equals(READY));
    }

    /** What those report that are not ready, though nothing has befallen them for so long. */
    synchronized List<String> unreadyFor(Duration time) {
        return members.stream()
                .filter(member -> System.nanoTime() - member.startedNanos > time.toNanos())
                .map(Member::health)
                .filter(health -> !health.equals(READY))
                .toList();
    }

    /**
     * Kills one JVM, as it is frozen and before anybody else acts.
     *
     * @param index which
     * @param mayDie asked while it is frozen
     * @return whether it was killed; it goes on otherwise
     */
    synchronized boolean kill(int index, BooleanSupplier mayDie) {
        Process process = members.get(index % members.size()).process;
        if (!process.isAlive()) {
            return false;
        }
        Signal.send(process.pid(), "STOP");
        boolean dies = mayDie.getAsBoolean();
        if (dies) {
            process.destroyForcibly();
        } else {
            Signal.send(process.pid(), "CONT");
        }
        return dies;
    }

    /** How often each id began to run. */
    Map<String, Integer> runs() throws IOException {
        Map<String, Integer> runs = new HashMap<>();
        if (Files.exists(runLog)) {
            Files.readAllLines(runLog).forEach(id -> runs.merge(id, 1, Integer::sum));
        }
        return runs;
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        supervisor.interrupt();
        supervisor.join();
        for (Member member : members) {
            member.process.destroyForcibly().waitFor();
        }
    }
}
