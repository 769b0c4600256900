package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is longer than any task is buried before it leaves Redis, wherever it lies; and no reply grows with what waits. */
class OversizedTest extends BrokerFixture {

    private static final int MIB = 1 << 20;
    private static final byte[] LONG = padded(MIB + MIB / 2);

    private static byte[] padded(int length) {
        byte[] bytes = "{\"type\":\"t\",\"payload\":\"caf\u00e9 \\\"x\\\"\"}".getBytes(StandardCharsets.UTF_8);
        int text = bytes.length;
        bytes = Arrays.copyOf(bytes, length);
        Arrays.fill(bytes, text, length, (byte) ' ');
        return bytes;
    }

    private byte[] key(String suffix) {
        return Bytes.bytes(redis.key(suffix));
    }

    private byte[] lane() {
        return Bytes.bytes(redis.queue());
    }

    private JsonNode dead(int index) throws IOException {
        return new ObjectMapper().readTree(redis.client().lindex(key("dead"), index));
    }

    private void assertBuried(byte[] raw) throws IOException {
        assertThat(redis.client().llen(key("dead"))).isEqualTo(1);
        JsonNode dead = dead(0);
        assertThat(dead.get("reason").textValue()).isEqualTo("malformed");
        assertThat(dead.get("last_error").textValue())
                .contains(raw.length + " bytes")
                .contains(1_089_536 + " are allowed");
        assertThat(dead.get("died_at").longValue()).isCloseTo(System.currentTimeMillis(), within(60_000L));
        assertThat(dead.get("size").intValue()).isEqualTo(raw.length);
        assertThat(dead.get("preview").textValue()).hasSizeLessThanOrEqualTo(200);
        assertThat(dead.has("raw_latin1")).isEqualTo(raw.length <= 2 * MIB);
        if (dead.has("raw_latin1")) {
            // One assertion on millions of elements takes seconds.
            assertThat(Arrays.equals(dead.get("raw_latin1").textValue().getBytes(StandardCharsets.ISO_8859_1), raw))
                    .isTrue();
        }
    }

    private static List<Integer> numbers(ClaimBatch claimed) {
        return claimed.claims().stream()
                .map(claim -> claim.task().payload().tree().intValue())
                .toList();
    }

    private List<Integer> claimAll() {
        List<Integer> numbers = new ArrayList<>();
        ClaimBatch claimed;
        do {
            claimed = session.claim(100);
            numbers.addAll(numbers(claimed));
        } while (!claimed.claims().isEmpty() || claimed.malformed() > 0);
        return numbers;
    }

    @Test
    void in_a_lane_it_is_buried_and_what_is_around_it_keeps_its_order() throws Exception {
        broker.enqueueAll(IntStream.range(0, 5).mapToObj(i -> Task.of("t", i)).toList());
        redis.client().lpush(lane(), LONG);
        broker.enqueueAll(IntStream.range(5, 9).mapToObj(i -> Task.of("t", i)).toList());
        assertThat(claimAll()).isEqualTo(IntStream.range(0, 9).boxed().toList());
        assertBuried(LONG);
        assertThat(redis.client().llen(key("processing:w1"))).isEqualTo(9);
    }

    @Test
    void it_counts_as_malformed() {
        redis.client().lpush(lane(), LONG, LONG);
        assertThat(session.claim(5).malformed()).isEqualTo(1);
        assertThat(session.claim(5).malformed()).isEqualTo(1);
        assertThat(session.claim(5).malformed()).isZero();
    }

    @Test
    void any_bytes_are_kept_up_to_a_bound_and_beyond_it_their_beginning() throws Exception {
        byte[] random = new byte[2 * MIB];
        new Random(1).nextBytes(random);
        redis.client().lpush(lane(), random);
        session.claim(1);
        assertBuried(random);
        redis.client().del(key("dead"));
        byte[] large = new byte[20 * MIB];
        new Random(2).nextBytes(large);
        redis.client().lpush(lane(), large);
        session.claim(1);
        assertBuried(large);
    }

    @Test
    void one_that_arrives_while_the_worker_waits_is_buried() throws Exception {
        redis.client().lpush(lane(), LONG);
        ClaimBatch claimed = session.awaitClaim(Duration.ofSeconds(1));
        assertThat(claimed.claims()).isEmpty();
        assertThat(claimed.malformed()).isEqualTo(1);
        assertBuried(LONG);
        assertThat(redis.client().exists(key("processing:w1"))).isFalse();
    }

    @Test
    void one_that_is_due_is_buried_and_those_beside_it_are_promoted() throws Exception {
        redis.client().zadd(key("scheduled"), 1, Bytes.bytes("{\"type\":\"t\",\"payload\":1}"));
        redis.client().zadd(key("scheduled"), 2, LONG);
        redis.client().zadd(key("scheduled"), 3, Bytes.bytes("{\"type\":\"t\",\"payload\":2}"));
        session.promote(100);
        session.promote(100);
        assertThat(claimAll()).containsExactly(1, 2);
        assertBuried(LONG);
        assertThat(session.promote(100)).isEmpty();
    }

    @Test
    void one_that_was_lost_with_a_reply_is_buried_when_the_rest_is_adopted() throws Exception {
        redis.client().rpush(key("processing:w1"), Bytes.bytes("{\"id\":\"b\",\"type\":\"t\",\"payload\":2}"));
        redis.client().rpush(key("processing:w1"), LONG);
        redis.client().rpush(key("processing:w1"), Bytes.bytes("{\"id\":\"a\",\"type\":\"t\",\"payload\":1}"));
        ClaimBatch adopted = session.adopt(List.of());
        assertThat(numbers(adopted)).containsExactly(1, 2);
        assertThat(adopted.malformed()).isEqualTo(1);
        assertBuried(LONG);
        assertThat(redis.client().llen(key("processing:w1"))).isEqualTo(2);
    }

    @Test
    void one_in_a_silent_workers_list_is_buried_and_those_beside_it_come_back() throws Exception {
        redis.client().zadd(redis.key("workers"), 1, "lost");
        redis.letBeSilent("lost", Duration.ofSeconds(30));
        redis.client().lpush(key("processing:lost"), Bytes.bytes("{\"id\":\"a\",\"type\":\"t\",\"payload\":1}"));
        redis.client().lpush(key("processing:lost"), LONG);
        redis.client().lpush(key("processing:lost"), Bytes.bytes("{\"id\":\"b\",\"type\":\"t\",\"payload\":2}"));
        while (session.recover().size() > 0) {
            // until nothing is left
        }
        assertThat(claimAll()).containsExactly(1, 2);
        assertBuried(LONG);
    }

    @Test
    void where_dead_is_of_a_wrong_type_it_is_kept_and_passed_over() {
        redis.client().set(redis.key("dead"), "not a list");
        redis.client().lpush(lane(), LONG);
        broker.enqueue("t", 1);
        redis.client().zadd(key("scheduled"), 1, LONG);
        redis.client().zadd(key("scheduled"), 2, Bytes.bytes("{\"type\":\"t\",\"payload\":2}"));
        session.claim(1);
        session.promote(100);
        session.promote(100);
        assertThat(claimAll()).containsExactly(1, 2);
        assertThat(session.adopt(List.of()).claims()).hasSize(2);
        assertThat(redis.client().llen(key("processing:w1"))).isEqualTo(3);
        assertThat(redis.client().zcard(key("scheduled"))).isEqualTo(1);
        redis.client().del(redis.key("dead"));
        assertThat(session.adopt(List.of()).malformed()).isEqualTo(1);
        assertThat(broker.stats().dead()).isEqualTo(1);
    }

    @Test
    void no_reply_brings_more_than_its_bound_and_one_task() {
        int bound = (int) Math.min(8 * MIB, Runtime.getRuntime().maxMemory() / 32);
        int large = 1_000_000;
        List<Task> tasks = IntStream.range(0, 24)
                .mapToObj(i -> Task.of("t", i).withExtraFields(Map.of("x", RawJson.of("x".repeat(large)))))
                .toList();
        broker.enqueueAll(tasks);
        List<Integer> order = new ArrayList<>();
        while (order.size() < 24) {
            List<Integer> claimed = numbers(session.claim(100));
            assertThat(claimed).isNotEmpty().hasSizeLessThanOrEqualTo(1 + bound / large);
            order.addAll(claimed);
        }
        assertThat(order).isEqualTo(IntStream.range(0, 24).boxed().toList());
        assertThat(numbers(session.adopt(List.of()))).hasSizeLessThanOrEqualTo(2 * (1 + bound / large));
        redis.client().zadd(redis.key("workers"), 1, "w1");
        redis.letBeSilent("w1", Duration.ofSeconds(30));
        BrokerSession other = BrokerEngine.of(broker).session("w2", LEASE);
        while (broker.stats().processing() > 0) {
            assertThat(other.recover().size()).isBetween(1, 1 + bound / large);
        }
    }
}
