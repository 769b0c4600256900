package dev.taskqueue.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.DeadLetter;
import dev.taskqueue.DeadLetterFilter;
import dev.taskqueue.DeadLetterPage;
import dev.taskqueue.testing.RedisFixture;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Letters deep among others are taken out where they are, whatever comes and goes meanwhile. */
class DeepLettersTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private static String letter(String type, int number) {
        return "{\"id\":\"" + type + number + "\",\"type\":\"" + type
                + "\",\"retry\":3,\"reason\":\"retries exhausted\"}";
    }

    private void push(List<String> letters) {
        for (int from = 0; from < letters.size(); from += 1_000) {
            List<String> some = letters.subList(from, Math.min(from + 1_000, letters.size()));
            redis.client().lpush(redis.key("dead"), some.toArray(String[]::new));
        }
    }

    private List<DeadLetter> read(DeadLetterFilter filter) {
        List<DeadLetter> letters = new ArrayList<>();
        Optional<String> from = Optional.empty();
        do {
            DeadLetterPage page = broker.deadLetters().list(filter, from, 1_000_000);
            letters.addAll(page.letters());
            from = page.next();
        } while (from.isPresent());
        return letters;
    }

    private long searches() {
        String stats = redis.client().info("commandstats");
        return stats.lines()
                .filter(line -> line.startsWith("cmdstat_lpos:"))
                .mapToLong(line -> Long.parseLong(
                        line.replaceFirst(".*calls=(\\d+),.*", "$1").strip()))
                .sum();
    }

    @Test
    void none_is_searched_for_that_is_where_it_was() {
        List<String> letters = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            letters.add(letter(i % 10 == 0 ? "rare" : "other", i));
        }
        push(letters);
        List<DeadLetter> rare = read(DeadLetterFilter.ALL.withType("rare"));
        // New ones come on top meanwhile.
        push(List.of(letter("new", 1), letter("new", 2)));
        long before = searches();
        assertThat(broker.deadLetters().retry(rare.subList(0, 1_000))).hasSize(1_000);
        assertThat(broker.deadLetters().delete(rare.subList(1_000, 2_000))).hasSize(1_000);
        assertThat(searches() - before).isZero();
        assertThat(broker.stats().dead()).isEqualTo(18_002);
        assertThat(broker.stats().ready()).isEqualTo(1_000);
        assertThat(read(DeadLetterFilter.ALL.withType("rare"))).isEmpty();
    }

    @Test
    void those_that_have_moved_are_searched_for_once_for_many() {
        List<String> letters = new ArrayList<>();
        for (int i = 0; i < 4_000; i++) {
            letters.add(letter("t", i));
        }
        push(letters);
        List<DeadLetter> all = read(DeadLetterFilter.ALL);
        // The hundred oldest are trimmed meanwhile.
        redis.client().ltrim(redis.key("dead"), 0, -101);
        long before = searches();
        assertThat(broker.deadLetters().delete(all.subList(1_000, 2_000))).hasSize(1_000);
        // One a script, of which each takes fifty.
        assertThat(searches() - before).isLessThanOrEqualTo(20);
        assertThat(broker.stats().dead()).isEqualTo(2_900);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 4, 5, 1_000_000, Integer.MAX_VALUE, Long.MAX_VALUE})
    void one_is_found_wherever_somebody_says_that_it_was(long position) {
        push(List.of(letter("t", 0), letter("t", 1), letter("t", 2), letter("t", 3), letter("t", 4)));
        List<DeadLetter> two = read(DeadLetterFilter.ALL).stream()
                .filter(letter -> letter.id().equals("t1") || letter.id().equals("t3"))
                .map(letter -> new DeadLetter(
                        letter.id(),
                        letter.type(),
                        letter.reason(),
                        letter.lastError(),
                        letter.diedAt(),
                        letter.retries(),
                        letter.retryable(),
                        position,
                        letter.json()))
                .toList();
        assertThat(broker.deadLetters().delete(two)).hasSize(2);
        assertThat(read(DeadLetterFilter.ALL)).extracting(DeadLetter::id).containsExactly("t4", "t2", "t0");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void what_is_left_are_the_others_in_their_order(long seed) {
        Random random = new Random(seed);
        List<String> letters = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            // Some are there several times, byte for byte.
            letters.add(random.nextInt(4) == 0 ? letter("twin", random.nextInt(5)) : letter("t", i));
        }
        push(letters);
        List<DeadLetter> chosen = new ArrayList<>(read(DeadLetterFilter.ALL).stream()
                .filter(letter -> random.nextInt(3) == 0)
                .toList());
        Collections.shuffle(chosen, random);
        int trimmed = random.nextInt(100);
        redis.client().ltrim(redis.key("dead"), 0, -1 - trimmed);
        push(List.of(letter("new", 1)));

        List<DeadLetter> deleted = broker.deadLetters().delete(chosen);
        List<String> expected = new ArrayList<>(letters.subList(trimmed, letters.size()));
        expected.add(letter("new", 1));
        List<String> left = new ArrayList<>(redis.client().lrange(redis.key("dead"), 0, -1));
        Collections.reverse(left);
        assertThat(left).hasSize(expected.size() - deleted.size());
        // Of twins it does not matter which is gone.
        expected.removeIf(text -> text.contains("twin"));
        left.removeIf(text -> text.contains("twin"));
        deleted.stream().map(letter -> letter.json().toString()).forEach(expected::remove);
        assertThat(left).isEqualTo(expected);
    }
}
