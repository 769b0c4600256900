package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The same question is asked once, whoever asks; and no number of questions fills a heap. */
class SharedAnswersTest {

    private final AtomicLong clock = new AtomicLong();
    private final Freshness freshness = Freshness.of(clock::get);
    private final SharedAnswers answers = new SharedAnswers();
    private final AtomicInteger asked = new AtomicInteger();

    private static Request of(String query) {
        return new Request(
                null, Map.of("id", "x"), new Parameters(Map.of("q", query), Set.of("q")), Identity.NOBODY, "");
    }

    private static Response sized(int bytes) {
        return Response.of("text/plain", new byte[bytes]);
    }

    @Test
    void the_same_question_is_asked_once_a_second_and_after_each_change() throws Exception {
        Action shared = answers.share(freshness, request -> sized(asked.incrementAndGet()));
        assertThat(shared.answer(of("a")).body()).hasSize(1);
        assertThat(shared.answer(of("a")).body()).hasSize(1);
        assertThat(shared.answer(of("b")).body()).hasSize(2);
        clock.addAndGet(1_000_000_000);
        assertThat(shared.answer(of("a")).body()).hasSize(3);
        freshness.change();
        assertThat(shared.answer(of("a")).body()).hasSize(4);
        assertThat(answers.share(freshness, request -> sized(99))
                        .answer(of("a"))
                        .body())
                .as("of another action")
                .hasSize(99);
    }

    @Test
    void who_comes_meanwhile_waits_for_the_same_answer() {
        Action shared = answers.share(freshness, request -> {
            Thread.sleep(50);
            return sized(asked.incrementAndGet());
        });
        List<CompletableFuture<Integer>> all = IntStream.range(0, 50)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> {
                    try {
                        return shared.answer(of("a")).body().length;
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                }))
                .toList();
        assertThat(all).allMatch(one -> one.join() == 1);
    }

    @Test
    void what_is_changed_while_it_is_read_is_asked_for_again() throws Exception {
        Action shared = answers.share(freshness, request -> {
            if (asked.incrementAndGet() == 1) {
                freshness.change();
            }
            return sized(asked.get());
        });
        assertThat(shared.answer(of("a")).body()).hasSize(1);
        assertThat(shared.answer(of("a")).body()).hasSize(2);
        assertThat(shared.answer(of("a")).body()).hasSize(2);
    }

    @Test
    void a_failure_is_shared_and_no_longer_than_an_answer() throws Exception {
        Action shared = answers.share(freshness, request -> {
            if (asked.incrementAndGet() == 1) {
                throw new IllegalStateException("away");
            }
            return sized(1);
        });
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> shared.answer(of("a"))).hasMessage("away");
        }
        assertThat(asked).hasValue(1);
        clock.addAndGet(1_000_000_000);
        assertThat(shared.answer(of("a")).body()).hasSize(1);
    }

    @Test
    void one_who_is_interrupted_leaves_it_to_the_next() throws Exception {
        Action shared = answers.share(freshness, request -> {
            if (asked.incrementAndGet() == 1) {
                throw new InterruptedException("the server closes");
            }
            return sized(1);
        });
        assertThatThrownBy(() -> shared.answer(of("a"))).isInstanceOf(InterruptedException.class);
        assertThat(shared.answer(of("a")).body()).hasSize(1);
    }

    @Test
    void the_oldest_questions_give_way_by_number_and_by_size() throws Exception {
        Action small = answers.share(freshness, request -> sized(10));
        Set<Integer> sizes = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            small.answer(of("q" + i));
            sizes.add(answers.size());
        }
        assertThat(sizes).allMatch(size -> size <= 256);
        Action large = answers.share(freshness, request -> sized(1 << 20));
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            large.answer(of("q" + i));
            kept.add(answers.size());
        }
        assertThat(kept.get(kept.size() - 1)).isLessThanOrEqualTo(17);
        Action huge = answers.share(freshness, request -> {
            asked.incrementAndGet();
            return sized(20 << 20);
        });
        huge.answer(of("a"));
        huge.answer(of("a"));
        assertThat(asked).as("one that is larger than all may be").hasValue(1);
        assertThat(answers.size()).isOne();
    }
}
