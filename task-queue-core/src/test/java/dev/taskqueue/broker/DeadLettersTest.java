package dev.taskqueue.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.Cancellation;
import dev.taskqueue.DeadLetter;
import dev.taskqueue.DeadLetterFilter;
import dev.taskqueue.DeadLetterPage;
import dev.taskqueue.Enqueued;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.PermanentFailureException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.Unique;
import dev.taskqueue.testing.EvilValues;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.worker.Worker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Dead letters can be looked at, tried again and deleted; whatever lies among them is in nobody's way. */
class DeadLettersTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int ENOUGH = 100_000;

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;
    private DeadLetters dead;

    @BeforeEach
    void open() {
        broker = redis.broker();
        dead = broker.deadLetters();
    }

    private void push(String... letters) {
        redis.client().lpush(redis.key("dead"), letters);
    }

    private void pushNumbered(int from, int to) {
        for (int i = from; i < to; i++) {
            push("{\"id\":\"d" + i + "\",\"type\":\"t\",\"reason\":\"r\",\"died_at\":" + i + "}");
        }
    }

    private List<DeadLetter> all() {
        return all(DeadLetterFilter.ALL);
    }

    private List<DeadLetter> all(DeadLetterFilter filter) {
        List<DeadLetter> letters = new ArrayList<>();
        Optional<String> from = Optional.empty();
        do {
            DeadLetterPage page = dead.list(filter, from, ENOUGH);
            letters.addAll(page.letters());
            from = page.next();
        } while (from.isPresent());
        return letters;
    }

    private static List<String> ids(List<DeadLetter> letters) {
        return letters.stream().map(DeadLetter::id).toList();
    }

    @Test
    void a_task_that_died_runs_again_with_its_id_and_fresh_retries() throws Exception {
        ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();
        boolean[] broken = {true};
        try (Worker worker = Worker.of(broker)
                .retryPolicy((task, failure) -> Duration.ofMillis(1))
                .handler("t", task -> {
                    seen.add(task.attempt() + " " + task.maxRetries() + " " + task.payload() + " " + task.priority()
                            + " " + task.extraFields());
                    if (broken[0]) {
                        throw new IllegalStateException("no luck");
                    }
                    return "done";
                })
                .start()) {
            String id = broker.enqueue(Task.of("t", 12.50).withMaxRetries(1).withPriority(Priority.LOW))
                    .id();
            await().atMost(PATIENCE).until(() -> broker.stats().dead() == 1);
            DeadLetter letter = dead.find(id, ENOUGH).orElseThrow();
            assertThat(letter.type()).contains("t");
            assertThat(letter.lastError().orElseThrow()).contains("no luck");
            assertThat(letter.retries()).isEqualTo(1);
            assertThat(letter.retryable()).isTrue();
            assertThat(letter.diedAt().orElseThrow()).isAfter(Instant.now().minusSeconds(60));
            broken[0] = false;
            assertThat(dead.retry(List.of(letter))).containsExactly(letter);
            await().atMost(PATIENCE).until(() -> broker.status(id).orElseThrow().state() == TaskState.SUCCEEDED);
            assertThat(worker.isReady()).isTrue();
        }
        assertThat(broker.stats().dead()).isZero();
        assertThat(seen).containsExactly("1 1 12.5 LOW {}", "2 1 12.5 LOW {}", "1 1 12.5 LOW {}");
        assertThat(dead.retry(all())).isEmpty();
    }

    @Test
    void a_letter_is_moved_once_whoever_asks_twice() {
        pushNumbered(0, 120);
        List<DeadLetter> letters = all();
        assertThat(dead.retry(letters)).hasSize(120);
        assertThat(dead.retry(letters)).isEmpty();
        assertThat(dead.delete(letters)).isEmpty();
        assertThat(broker.stats().ready()).isEqualTo(120);
        // The oldest is taken first.
        assertThat(redis.client().rpop(redis.queue())).contains("\"d0\"");
        assertThat(broker.status("d3").orElseThrow().state()).isEqualTo(TaskState.PENDING);
    }

    @Test
    void letters_far_behind_are_moved_in_their_order_a_few_at_a_time() {
        push(IntStream.range(0, 120)
                .mapToObj(i -> "{\"id\":\"rare" + i + "\",\"type\":\"rare\"}")
                .toArray(String[]::new));
        push(IntStream.range(0, 25_000)
                .mapToObj(i -> "{\"id\":\"d" + i + "\",\"type\":\"t\"}")
                .toArray(String[]::new));
        List<DeadLetter> rare = all(DeadLetterFilter.ALL.withType("rare"));
        assertThat(dead.retry(rare)).hasSize(120);
        assertThat(dead.retry(rare)).isEmpty();
        assertThat(broker.stats().dead()).isEqualTo(25_000);
        assertThat(broker.stats().ready()).isEqualTo(120);
        for (int i = 0; i < 120; i++) {
            assertThat(redis.client().rpop(redis.queue())).contains("\"rare" + i + "\"");
        }
    }

    @Test
    void pages_skip_nothing_and_repeat_nothing_whatever_comes_and_goes() {
        pushNumbered(0, 1_500);
        DeadLetterPage first = dead.list(DeadLetterFilter.ALL, Optional.empty(), 400);
        assertThat(first.searched()).isEqualTo(400);
        pushNumbered(1_500, 1_700);
        dead.delete(first.letters());
        List<String> rest = new ArrayList<>();
        Optional<String> from = first.next();
        while (from.isPresent()) {
            DeadLetterPage page = dead.list(DeadLetterFilter.ALL, from, 333);
            rest.addAll(ids(page.letters()));
            from = page.next();
        }
        assertThat(rest)
                .hasSize(1_100)
                .doesNotHaveDuplicates()
                .startsWith("d1099")
                .endsWith("d0");
    }

    @Test
    void filters_take_what_all_their_parts_fit() {
        push(
                "{\"id\":\"a\",\"type\":\"mail:send\",\"reason\":\"retries exhausted\",\"last_error\":\"Connect TIMED out\",\"died_at\":1000}",
                "{\"id\":\"b\",\"type\":\"mail:open\",\"reason\":\"permanent\",\"last_error\":\"no such user\",\"died_at\":2000}",
                "{\"id\":\"c\",\"type\":\"report\",\"reason\":\"retries exhausted\",\"died_at\":3000}",
                "no task");
        assertThat(ids(all(DeadLetterFilter.ALL.withType("mail:*")))).containsExactly("b", "a");
        assertThat(ids(all(DeadLetterFilter.ALL.withType("report")))).containsExactly("c");
        assertThat(ids(all(DeadLetterFilter.ALL.withType("*")))).containsExactly("c", "b", "a");
        assertThat(ids(all(DeadLetterFilter.ALL.withError("timed OUT")))).containsExactly("a");
        assertThat(ids(all(DeadLetterFilter.ALL.withReason("exhausted")))).containsExactly("c", "a");
        assertThat(ids(all(DeadLetterFilter.ALL.withSince(Instant.ofEpochMilli(2_000)))))
                .containsExactly("c", "b");
        assertThat(ids(all(DeadLetterFilter.ALL.withReason("exhausted").withType("mail:*"))))
                .containsExactly("a");
        assertThat(all()).hasSize(4);
    }

    @Test
    void what_is_no_task_has_an_id_of_its_bytes_stays_on_retry_and_can_be_deleted() throws Exception {
        push("garbage", "{\"id\":\"x\",\"type\":\"t\"} ", "[1]", "{\"bare\":true,\"raw_base64\":\"Z2FyYmFnZQ==\"}");
        broker.enqueue("t", 1);
        redis.client().lpush(redis.queue(), "not json");
        try (Worker worker = Worker.of(broker)
                .handler("t", task -> {
                    throw new PermanentFailureException("x");
                })
                .start()) {
            await().atMost(PATIENCE).until(() -> broker.stats().dead() == 6);
            assertThat(worker.isReady()).isTrue();
        }
        List<DeadLetter> letters = all();
        List<DeadLetter> raw =
                letters.stream().filter(letter -> !letter.retryable()).toList();
        assertThat(raw).hasSize(5).allMatch(letter -> letter.id().matches("raw-[0-9a-f]{40}"));
        assertThat(raw.stream().map(DeadLetter::id)).doesNotHaveDuplicates();
        for (DeadLetter letter : letters) {
            assertThat(dead.find(letter.id(), ENOUGH)).contains(letter);
            // Export writes it, any JSON reader reads it.
            assertThat(new ObjectMapper().readTree(letter.json().toString()).isContainerNode())
                    .isTrue();
        }
        assertThat(dead.retry(raw)).isEmpty();
        assertThat(broker.stats().dead()).isEqualTo(6);
        for (DeadLetter letter : raw) {
            assertThat(dead.delete(List.of(letter))).containsExactly(letter);
        }
        assertThat(ids(all())).hasSize(1).noneMatch(id -> id.startsWith("raw-"));
    }

    @Test
    void evil_letters_are_read_and_deleted_like_any_other() {
        List<byte[]> entries = new ArrayList<>();
        EvilValues.entries().forEach(entry -> entries.add(entry.bytes()));
        entries.forEach(entry -> redis.client().lpush(redis.key("dead").getBytes(StandardCharsets.UTF_8), entry));
        List<DeadLetter> letters = all();
        assertThat(letters).hasSameSizeAs(entries);
        assertThat(dead.delete(letters)).hasSameSizeAs(entries);
        assertThat(broker.stats().dead()).isZero();
    }

    @Test
    void a_task_that_cannot_be_pushed_stays_a_dead_letter() {
        pushNumbered(0, 3);
        redis.client().set(redis.queue(), "a string");
        assertThatThrownBy(() -> dead.retry(all()))
                .isInstanceOf(BrokerRejectedException.class)
                .hasMessageContaining("0 letters were retried");
        redis.client().del(redis.queue());
        assertThat(all()).hasSize(3);
        assertThat(dead.retry(all())).hasSize(3);
    }

    @Test
    void a_time_that_has_passed_does_not_end_it_again_at_once() {
        push("{\"id\":\"late\",\"type\":\"t\",\"expires_at\":1000,\"run_at\":500,\"reason\":\"r\"}");
        dead.retry(all());
        assertThat(redis.client().lindex(redis.queue(), 0)).doesNotContain("expires_at", "run_at", "reason");
    }

    @Test
    void a_page_that_cannot_be_is_refused_with_a_sentence() {
        assertThatThrownBy(() -> dead.list(DeadLetterFilter.ALL, Optional.of("1; drop"), 10))
                .isInstanceOf(InvalidTaskException.class)
                .hasMessageContaining("from is \"1; drop\"");
        assertThatThrownBy(() -> dead.list(DeadLetterFilter.ALL, Optional.empty(), 0))
                .hasMessageContaining("max is 0");
    }

    @Test
    void a_retried_task_takes_its_unique_key_again_unless_another_has_it() {
        push("{\"id\":\"u\",\"type\":\"t\",\"unique\":{\"key\":\"k\"},\"reason\":\"r\"}");
        Task other = Task.of("t", 2).unique(Unique.by("k"));
        String holder = broker.enqueue(other).id();
        assertThat(dead.retry(all())).isEmpty();
        assertThat(ids(all())).containsExactly("u");
        assertThat(broker.cancel(holder)).isEqualTo(Cancellation.REMOVED);
        assertThat(ids(dead.retry(all()))).containsExactly("u");
        assertThat(broker.enqueue(Task.of("t", 3).unique(Unique.by("k"))))
                .isEqualTo(new Enqueued("u", false, redis.queue()));
        assertThat(broker.cancel("u")).isEqualTo(Cancellation.REMOVED);
        assertThat(broker.enqueue(Task.of("t", 4).unique(Unique.by("k"))).accepted())
                .isTrue();
    }
}
