package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many outcomes in one step, taken off the processing list together: the same as one by one, whatever their order. */
class SettleManyTest extends BrokerFixture {

    private List<Claim> claim(int count) {
        IntStream.range(0, count).forEach(i -> broker.enqueue("t", i));
        List<Claim> claims = session.claim(count).claims();
        assertThat(claims).hasSize(count);
        return claims;
    }

    private List<Settled> settle(List<Claim> claims) {
        return session.settle(claims.stream()
                .map(claim -> new Outcome.Succeeded(claim, Duration.ZERO, Optional.empty()))
                .toList());
    }

    private List<String> held() {
        return redis.client().lrange(redis.key("processing:w1"), 0, -1);
    }

    @Test
    void in_any_order_they_leave_the_others_where_they_were() {
        Random random = new Random(7);
        for (int round = 0; round < 20; round++) {
            List<Claim> claims = new ArrayList<>(claim(60));
            Collections.shuffle(claims, random);
            List<Claim> settled = claims.subList(0, 1 + random.nextInt(59));
            List<String> others = held();
            settled.forEach(claim -> others.remove(Bytes.text(claim.raw())));
            assertThat(settle(settled)).hasSameSizeAs(settled).containsOnly(Settled.YES);
            assertThat(held()).isEqualTo(others);
            assertThat(settle(settled)).containsOnly(Settled.STALE);
            assertThat(held()).isEqualTo(others);
            settle(claims);
            assertThat(held()).isEmpty();
        }
    }

    @Test
    void of_entries_of_the_very_same_bytes_as_many_go_as_were_settled() {
        String text = "{\"id\":\"same\",\"type\":\"t\"}";
        redis.client().lpush(redis.queue(), Collections.nCopies(20, text).toArray(String[]::new));
        List<Claim> claims = session.claim(20).claims();
        assertThat(settle(claims.subList(3, 15))).containsOnly(Settled.YES);
        assertThat(held()).hasSize(8);
        assertThat(settle(claims.subList(0, 12)))
                .containsExactlyElementsOf(IntStream.range(0, 12)
                        .mapToObj(i -> i < 8 ? Settled.YES : Settled.STALE)
                        .toList());
        assertThat(held()).isEmpty();
    }

    @Test
    void what_was_taken_back_meanwhile_is_not_ours_and_the_rest_is() {
        List<Claim> claims = claim(40);
        for (int i = 0; i < 40; i += 4) {
            redis.client()
                    .lrem(
                            redis.key("processing:w1"),
                            1,
                            Bytes.text(claims.get(i).raw()));
        }
        List<Settled> settled = settle(claims);
        for (int i = 0; i < 40; i++) {
            assertThat(settled.get(i)).isEqualTo(i % 4 == 0 ? Settled.STALE : Settled.YES);
        }
        assertThat(held()).isEmpty();
        assertThat(broker.status(claims.get(0).task().id()).orElseThrow().state())
                .isEqualTo(TaskState.PENDING);
    }

    @Test
    void what_redis_refuses_is_still_held_and_the_rest_is_settled() {
        List<Claim> claims = claim(20);
        redis.client().set(redis.key("scheduled"), "not a set");
        List<Outcome> outcomes = new ArrayList<>();
        for (Claim claim : claims) {
            outcomes.add(
                    outcomes.size() % 2 == 0
                            ? new Outcome.Deferred(claim, Duration.ZERO)
                            : new Outcome.Succeeded(claim, Duration.ZERO, Optional.empty()));
        }
        List<Settled> settled = session.settle(outcomes);
        for (int i = 0; i < 20; i++) {
            assertThat(settled.get(i)).isEqualTo(i % 2 == 0 ? Settled.REFUSED : Settled.YES);
        }
        assertThat(held())
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 10)
                        .mapToObj(i -> Bytes.text(claims.get(2 * i).raw()))
                        .toList());
    }

    private List<Claim> claimAll(int count) {
        List<Claim> claims = new ArrayList<>(count);
        while (claims.size() < count) {
            claims.addAll(session.claim(count).claims());
        }
        return claims;
    }

    @Test
    void thousands_are_put_back_that_were_not_meant() {
        // Numbers, which Redis passes over quickly: each outcome is looked for behind all of them.
        List<String> others =
                IntStream.range(0, 9_000).mapToObj(Integer::toString).toList();
        redis.client().rpush(redis.key("processing:w1"), others.toArray(String[]::new));
        broker.enqueueAll(
                IntStream.range(0, 9_000).mapToObj(i -> Task.of("t", i)).toList());
        List<Claim> claims = claimAll(9_000);
        assertThat(settle(claims)).hasSize(9_000).containsOnly(Settled.YES);
        assertThat(held()).isEqualTo(others);
    }

    @Test
    void thousands_without_an_id_get_theirs() {
        redis.client()
                .lpush(
                        redis.queue(),
                        Collections.nCopies(2_000, "{\"type\":\"t\"}").toArray(String[]::new));
        List<Claim> claims = claimAll(2_000);
        assertThat(held()).hasSize(2_000).allMatch(entry -> entry.contains("\"id\""));
        assertThat(settle(claims)).containsOnly(Settled.YES);
    }
}
