package dev.taskqueue.broker.internal;

import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a task costs in JSON on its way: written once, read once, and a status at either end. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class CodecBenchmark {

    private final TaskCodec codec = new TaskCodec(1 << 20);
    private final Task small = Task.of("bench", "x".repeat(20));
    private final Task object = Task.of(
            "email:send", Map.of("to", "ada@example.org", "subject", "Hello", "n", 42, "tags", new int[] {1, 2}));
    private final byte[] smallText = codec.encode(small);
    private final byte[] objectText = codec.encode(object);

    /** A task with a short text for a payload becomes bytes. */
    @Benchmark
    public byte[] encodeSmall() {
        return codec.encode(small);
    }

    /** A task with an object for a payload becomes bytes. */
    @Benchmark
    public byte[] encodeObject() {
        return codec.encode(object);
    }

    /** Bytes become a task with a short text for a payload. */
    @Benchmark
    public Object decodeSmall() throws MalformedTaskException {
        return codec.decode(smallText, 0);
    }

    /** Bytes become a task with an object for a payload. */
    @Benchmark
    public Object decodeObject() throws MalformedTaskException {
        return codec.decode(objectText, 0);
    }

    /** The status of a task that was accepted. */
    @Benchmark
    public byte[] pendingStatus() {
        return StatusCodec.of(small, TaskState.PENDING).whole();
    }

    /** The status of a task that has succeeded. */
    @Benchmark
    public byte[] succeededStatus() {
        return StatusCodec.of(small, TaskState.SUCCEEDED)
                .attempts(1)
                .runTime(Duration.ofMillis(1))
                .suffix();
    }
}
