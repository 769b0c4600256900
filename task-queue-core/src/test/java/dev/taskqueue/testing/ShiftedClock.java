package dev.taskqueue.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A wall clock that a test turns forth and back for one {@code redis-server}: a library preloaded into it adds an offset
 * to the time. Compiled where a C compiler is found; only for programs that are linked dynamically.
 */
public final class ShiftedClock {

    private static final String SOURCE = "shifted-clock.c";

    private final Path library;
    private final Path file;

    private ShiftedClock(Path library, Path file) {
        this.library = library;
        this.file = file;
    }

    /**
     * Makes a clock that is right as yet.
     *
     * @param folder where to put the library and the offset
     * @return the clock; empty where this machine cannot compile or preload it
     */
    public static Optional<ShiftedClock> in(Path folder) {
        ShiftedClock clock = new ShiftedClock(folder.resolve("shifted-clock.so"), folder.resolve("shifted-clock"));
        try {
            if (!compile(folder, clock.library)) {
                return Optional.empty();
            }
            clock.shift(Duration.ofHours(-1));
            try (RedisProcess redis = RedisProcess.start(clock.environment())) {
                long seconds = System.currentTimeMillis() / 1_000 - clock.secondsOf(redis);
                clock.shift(Duration.ZERO);
                // A server that is linked statically takes no notice.
                return Math.abs(seconds - 3_600) < 60 ? Optional.of(clock) : Optional.empty();
            }
        } catch (IOException | JedisException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static boolean compile(Path folder, Path library) throws IOException, InterruptedException {
        Path source = folder.resolve(SOURCE);
        try (InputStream text = ShiftedClock.class.getResourceAsStream(SOURCE)) {
            Files.write(source, text.readAllBytes());
        }
        return new ProcessBuilder("cc", "-O2", "-shared", "-fPIC", "-o", library.toString(), source.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("cc.log").toFile())
                        .start()
                        .waitFor()
                == 0;
    }

    /**
     * @return the environment of a process that has this clock
     */
    public Map<String, String> environment() {
        return Map.of("LD_PRELOAD", library.toString(), "SHIFTED_CLOCK", file.toString());
    }

    /**
     * Turns the clock, at once and for every process that has it.
     *
     * @param offset how far ahead of the right time it is from now on
     */
    public void shift(Duration offset) {
        ByteBuffer micros = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.nativeOrder())
                .putLong(offset.toNanos() / 1_000)
                .flip();
        try {
            // Written over in one go, never truncated: the server has these eight bytes mapped.
            try (var channel = Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                channel.write(micros);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @return what a server's TIME says, in seconds since 1970
     */
    public long secondsOf(RedisProcess redis) {
        return Long.parseLong(RedisProcess.text(((java.util.List<?>) redis.command("TIME")).get(0)));
    }
}
