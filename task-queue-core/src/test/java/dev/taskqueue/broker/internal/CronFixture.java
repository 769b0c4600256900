package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Cron;
import dev.taskqueue.CronEntry;
import dev.taskqueue.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import redis.clients.jedis.params.ZAddParams;

/** Schedules that are let be due, and what a worker's promoter does about them. */
abstract class CronFixture extends BrokerFixture {

    static final Cron YEARLY = Cron.of("yearly", "@yearly", "report", null);

    Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }

    /** As if it had been due then. */
    void letBeDue(String cron, Instant time) {
        redis.client()
                .zadd(
                        redis.key("cron:due"),
                        time.toEpochMilli(),
                        cron,
                        ZAddParams.zAddParams().xx());
    }

    /** What one worker's promoter does, until nothing more is due. */
    static void fire(BrokerSession session) {
        session.promote(100);
        while (session.cronWait().orElse(Duration.ofDays(1)).isZero() && session.fireCrons()) {
            session.promote(100);
        }
    }

    /** The ids of all tasks that wait, the oldest first. */
    List<String> enqueued() {
        List<String> ids = new ArrayList<>();
        for (String entry : redis.client().lrange(redis.queue(), 0, -1)) {
            ids.add(0, broker.parse(entry).id());
        }
        return ids;
    }

    CronEntry entry(String name) {
        return broker.crons().list().stream()
                .filter(entry -> entry.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    static String id(Cron cron, Instant planned) {
        return "cron:" + cron.name() + ":" + planned.toEpochMilli();
    }

    void end(String id) {
        ClaimBatch batch = session.claim(10);
        for (Claim claim : batch.claims()) {
            session.settle(List.of(new Outcome.Succeeded(claim, Duration.ZERO, Optional.empty())));
        }
        assertThat(broker.status(id).orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
    }
}
