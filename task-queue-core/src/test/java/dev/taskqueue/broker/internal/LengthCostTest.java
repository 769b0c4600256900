package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Task;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What Redis does for a task does not grow with how many others wait. It is Redis' own time for its scripts that is compared:
 * a step through all that waits would take a hundred times as long beside 200 times as many.
 */
class LengthCostTest extends BrokerFixture {

    private static final int FEW = 1_000;
    private static final int MANY = 200_000;
    private static final int TURNS = 300;
    private static final double FAR = 4e12;

    /** Redis' time for one script, in µs. */
    private double scriptMicros(Runnable turns) {
        double calls = scripts("calls");
        double micros = scripts("usec");
        turns.run();
        return (scripts("usec") - micros) / (scripts("calls") - calls);
    }

    private double scripts(String field) {
        return redis.client()
                .info("commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_evalsha:"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll(".*[:,]" + field + "=(\\d+).*", "$1")))
                .sum();
    }

    private void claimAndSettle() {
        for (int turn = 0; turn < TURNS; turn++) {
            session.settle(session.claim(1).claims().stream()
                    .map(claim -> new Outcome.Succeeded(claim, Duration.ZERO, Optional.empty()))
                    .toList());
        }
    }

    private void enqueue(int count) {
        broker.enqueueAll(
                IntStream.range(0, count).mapToObj(i -> Task.of("t", i)).toList());
    }

    @Test
    void a_claim_and_a_settle_cost_the_same_however_many_are_queued() {
        enqueue(FEW);
        claimAndSettle();
        double beside = scriptMicros(this::claimAndSettle);
        enqueue(MANY);
        assertThat(scriptMicros(this::claimAndSettle) / beside).isLessThan(10);
    }

    @Test
    void a_claim_and_a_look_for_due_tasks_cost_the_same_however_many_are_scheduled() {
        enqueue(4 * TURNS);
        Runnable work = () -> {
            claimAndSettle();
            IntStream.range(0, TURNS).forEach(i -> session.promote(1));
        };
        schedule(FEW);
        work.run();
        double beside = scriptMicros(work);
        schedule(MANY);
        assertThat(scriptMicros(work) / beside).isLessThan(10);
    }

    private void schedule(int count) {
        for (int from = 0; from < count; from += 1_000) {
            Map<String, Double> entries = new HashMap<>();
            for (int i = from; i < from + 1_000; i++) {
                entries.put("{\"id\":\"" + count + "-" + i + "\",\"type\":\"t\"}", FAR);
            }
            redis.client().zadd(redis.key("scheduled"), entries);
        }
    }
}
