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
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Worker JVMs in small heaps ({@link FleetWorker}), each started again when it ends, as whatever runs them in production
 * does.
 */
final class Fleet implements AutoCloseable {

    private static final int LOOK_MS = 50;
    /** How the text of a health begins that has no reasons. */
    private static final String READY = "WorkerHealth[notAlive=[], notReady=[], ";

    private final Path folder;
    private final Path runLog;
    private final List<String> arguments;
    private final List<Member> members = new ArrayList<>();
    private final Thread supervisor = new Thread(this::supervise, "fleet");
    private volatile boolean closed;
    /** When each process was seen to have died, by its id. */
    private final Map<Long, Long> deathMillis = new HashMap<>();

    private final Map<Integer, Integer> exits = new TreeMap<>();

    /**
     * One run of a task.
     *
     * @param pid the process that it began in
     * @param millis when
     */
    record Run(long pid, long millis) {}

    /** One place in the fleet, and the process that fills it now. */
    private final class Member {

        private Process process;
        private Path health;
        private long startedNanos;

        void start() throws IOException {
            health = folder.resolve("health-" + System.nanoTime());
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
                deathMillis.put(member.process.pid(), System.currentTimeMillis());
                exits.merge(member.process.exitValue(), 1, Integer::sum);
                member.start();
            }
        }
    }

    /** How many have died, by exit code: 1 of a pill, 137 of SIGKILL, 3 as only a restart helped. */
    synchronized Map<Integer, Integer> exits() {
        return new TreeMap<>(exits);
    }

    /** How many JVMs have died, for whatever reason. */
    synchronized int deaths() {
        return deathMillis.size();
    }

    synchronized boolean isReady() {
        return members.stream()
                .allMatch(member -> member.process.isAlive() && member.health().startsWith(READY));
    }

    /** Whether a JVM is not ready that has had so much time. */
    synchronized boolean isUnreadyAfter(Duration time) {
        return members.stream()
                .anyMatch(member -> System.nanoTime() - member.startedNanos > time.toNanos()
                        && !member.health().startsWith(READY));
    }

    /** The age and the health of each JVM. */
    synchronized List<String> report() {
        return members.stream()
                .map(member -> (System.nanoTime() - member.startedNanos) / 1_000_000 + " ms old: " + member.health())
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
        // A pill may be faster.
        if (!process.isAlive() || !Signal.sendIfAlive(process.pid(), "STOP")) {
            return false;
        }
        boolean dies = mayDie.getAsBoolean();
        if (dies) {
            process.destroyForcibly();
        } else {
            Signal.send(process.pid(), "CONT");
        }
        return dies;
    }

    /**
     * Kills one JVM that has started and works.
     *
     * @param first which one to try first
     * @return whether there was one
     */
    synchronized boolean killReady(int first) {
        for (int i = first; i < first + members.size(); i++) {
            Member member = members.get(i % members.size());
            if (member.process.isAlive() && member.health().startsWith(READY)) {
                // Until it is gone: it looks alive for a moment, and would be killed a second time.
                member.process.destroyForcibly().onExit().join();
                return true;
            }
        }
        return false;
    }

    /** The runs that began, by the id of the task, in order. */
    Map<String, List<Run>> runs() throws IOException {
        Map<String, List<Run>> runs = new HashMap<>();
        if (Files.exists(runLog)) {
            for (String line : Files.readAllLines(runLog)) {
                String[] words = line.split(" ");
                runs.computeIfAbsent(words[0], id -> new ArrayList<>())
                        .add(new Run(Long.parseLong(words[1]), Long.parseLong(words[2])));
            }
        }
        return runs;
    }

    /** The tasks that began again while the worker that had begun them was alive, by id, with their runs. */
    synchronized Map<String, String> begunTwice() throws IOException {
        Map<String, String> begun = new TreeMap<>();
        runs().forEach((id, runs) -> {
            if (beganAgainTooSoon(runs)) {
                begun.put(
                        id,
                        runs.stream()
                                .map(run -> run + " died " + deathMillis.get(run.pid()))
                                .toList()
                                .toString());
            }
        });
        return begun;
    }

    private boolean beganAgainTooSoon(List<Run> runs) {
        for (int i = 1; i < runs.size(); i++) {
            Long death = deathMillis.get(runs.get(i - 1).pid());
            if (death == null || death > runs.get(i).millis()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        closed = true;
        supervisor.interrupt();
        try {
            supervisor.join();
            for (Member member : members) {
                member.process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
