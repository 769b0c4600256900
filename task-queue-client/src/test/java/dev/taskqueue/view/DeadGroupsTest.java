package dev.taskqueue.view;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.DeadLetter;
import dev.taskqueue.DeadLetterFilter;
import dev.taskqueue.broker.DeadLetters;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What died of the same is one group, whatever anybody wrote into the letters. */
class DeadGroupsTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private ObjectNode groups() {
        DeadLetters dead = broker.deadLetters();
        return DeadGroups.of((from, max) -> dead.list(DeadLetterFilter.ALL, from, max), NOW);
    }

    private static String letter(String id, String type, String error, String reason, Instant died) {
        ObjectNode letter = JSON.createObjectNode()
                .put("id", id)
                .put("type", type)
                .put("last_error", error)
                .put("reason", reason)
                .put("died_at", died.toEpochMilli());
        try {
            // Half a character has no bytes in UTF-8.
            return JSON.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII).writeValueAsString(letter);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private void bury(List<String> letters) {
        for (int from = 0; from < letters.size(); from += 1_000) {
            redis.client()
                    .lpush(
                            redis.key("dead"),
                            letters.subList(from, Math.min(from + 1_000, letters.size()))
                                    .toArray(String[]::new));
        }
    }

    private void bury(String error, String reason) {
        bury(List.of(letter("x" + redis.client().llen(redis.key("dead")), "t", error, reason, NOW)));
    }

    @Test
    void letters_of_one_type_error_and_reason_are_one_group_however_their_messages_differ() {
        bury(List.of(
                letter("a", "mail", "java.net.ConnectException: to 10.0.0.1", "retries exhausted", NOW),
                letter(
                        "b",
                        "mail",
                        "java.net.ConnectException: to 10.0.0.2",
                        "retries exhausted",
                        NOW.minus(Duration.ofMinutes(90))),
                letter(
                        "c",
                        "mail",
                        "java.net.ConnectException\n\tat X",
                        "retries exhausted",
                        NOW.minus(Duration.ofDays(3))),
                letter("d", "mail", "java.io.IOException: no", "retries exhausted", NOW),
                letter("e", "sms", "java.net.ConnectException: to 10.0.0.1", "retries exhausted", NOW),
                letter("f", "mail", "java.net.ConnectException", "permanent", NOW)));
        ObjectNode found = groups();
        assertThat(found.get("groups")).hasSize(4);
        assertThat(found.get("searched").intValue()).isEqualTo(6);
        assertThat(found.get("complete").booleanValue()).isTrue();
        JsonNode largest = found.at("/groups/0");
        assertThat(largest.get("type").textValue()).isEqualTo("mail");
        assertThat(largest.get("error").textValue()).isEqualTo("java.net.ConnectException");
        assertThat(largest.get("reason").textValue()).isEqualTo("retries exhausted");
        assertThat(largest.get("count").intValue()).isEqualTo(3);
        assertThat(largest.get("first").textValue()).isEqualTo("2026-02-26T12:00:00Z");
        assertThat(largest.get("last").textValue()).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(largest.get("by_hour")).hasSize(24);
        assertThat(largest.at("/by_hour/23").intValue()).isOne();
        assertThat(largest.at("/by_hour/22").intValue()).isOne();
        assertThat(largest.at("/by_hour/21").intValue()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "java.net.ConnectException: refused|java.net.ConnectException",
                "java.net.ConnectException|java.net.ConnectException",
                "dev.App$Inner_1: x|dev.App$Inner_1",
                "timed out after 30 s|timed out after",
                "no user \"ada\" here|no user",
                "HTTP 503: try later|HTTP",
                "503 Service Unavailable|503 Service Unavailable",
                "\"ada\" is unknown|\"ada\" is unknown",
                ": nothing before|: nothing before",
                "Fehler für Straße|Fehler für Straße",
                "Ошибка: сеть|Ошибка"
            })
    void an_error_is_known_by_its_class_or_by_how_it_begins(String error, String kind) {
        assertThat(DeadGroups.kindOf(error)).isEqualTo(kind);
        assertThat(error).as("so that a filter finds it").contains(kind);
    }

    static List<String> evil() {
        List<String> all = new ArrayList<>(List.of(
                "",
                " ",
                "\n",
                "\u0000",
                "\r\n\t",
                "💥",
                "\uD83D",
                "\uDCA5\uD83D",
                "<script>alert(1)</script>",
                "\u202eevil"));
        all.add("x".repeat(100_000));
        all.add("1".repeat(100_000));
        all.add("x".repeat(199) + "💥".repeat(50));
        all.add("-".repeat(199) + "💥".repeat(50));
        all.add("\"" + "x".repeat(198) + "💥".repeat(50));
        return all;
    }

    @ParameterizedTest
    @MethodSource("evil")
    void whatever_an_error_or_a_reason_holds_it_is_told_in_part_and_found_again_by_it(String text) throws Exception {
        bury(text, text);
        JsonNode group = groups().at("/groups/0");
        String error = group.get("error").textValue();
        String reason = group.get("reason").textValue();
        assertThat(error).hasSizeLessThanOrEqualTo(200);
        assertThat(reason).hasSizeLessThanOrEqualTo(200);
        assertThat(text).contains(error).contains(reason);
        if (text.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            assertThat(JSON.readTree(JSON.writeValueAsBytes(group)))
                    .as("no half of a character")
                    .isEqualTo(JSON.readTree(group.toString()));
        }
        DeadLetterFilter same = DeadLetterFilter.ALL.withError(error).withReason(reason);
        assertThat(broker.deadLetters().list(same, Optional.empty(), 10).letters())
                .hasSize(1);
    }

    @Test
    void what_is_no_task_has_no_type_and_its_bytes_are_not_told() {
        redis.client()
                .lpush(
                        redis.key("dead"),
                        "garbage 4111",
                        "",
                        "[\"4111\"]",
                        "{\"type\":7}",
                        "{\"id\":\"a\",\"type\":\"t\",\"last_error\":{\"x\":4111},\"reason\":[4111],\"died_at\":\"4111\"}");
        ObjectNode found = groups();
        assertThat(found.get("searched").intValue()).isEqualTo(5);
        assertThat(found.toString()).doesNotContain("4111");
        assertThat(found.get("groups"))
                .anySatisfy(group -> assertThat(group.has("type")).isFalse());
    }

    @Test
    void times_that_cannot_be_are_no_trouble() {
        for (String died : List.of("9223372036854775807", "-9223372036854775808", "1e400", "4102444800000", "0")) {
            redis.client()
                    .lpush(
                            redis.key("dead"),
                            "{\"id\":\"a\",\"type\":\"t\",\"reason\":\"r\",\"died_at\":" + died + "}");
        }
        JsonNode group = groups().at("/groups/0");
        assertThat(group.get("count").intValue()).isEqualTo(5);
        group.get("by_hour").forEach(hour -> assertThat(hour.intValue()).isZero());
    }

    @Test
    void the_newest_ten_thousand_are_looked_at_and_the_largest_two_hundred_groups_told_and_that_is_said() {
        List<String> letters = new ArrayList<>();
        letters.add(letter("oldest", "oldest", "e", "r", NOW));
        for (int i = 0; i < 10_000; i++) {
            letters.add(letter("l" + i, i % 2 == 0 ? "often" : "t" + i % 1_000, "e", "r", NOW));
        }
        bury(letters);
        ObjectNode found = groups();
        assertThat(found.get("searched").intValue()).isEqualTo(10_000);
        assertThat(found.get("complete").booleanValue()).isFalse();
        assertThat(found.get("groups")).hasSize(200);
        assertThat(found.get("more_groups").intValue()).isEqualTo(301);
        assertThat(found.at("/groups/0/type").textValue()).isEqualTo("often");
        assertThat(found.at("/groups/0/count").intValue()).isEqualTo(5_000);
        assertThat(found.toString()).doesNotContain("oldest");
    }

    @Test
    void of_large_letters_fewer_are_looked_at_and_never_many_are_held() {
        String payload = "x".repeat(1_000_000);
        for (int i = 0; i < 100; i++) {
            redis.client()
                    .lpush(
                            redis.key("dead"),
                            "{\"id\":\"l" + i + "\",\"type\":\"t\",\"payload\":\"" + payload + "\",\"reason\":\"r\"}");
        }
        List<Integer> pages = new ArrayList<>();
        DeadLetters dead = broker.deadLetters();
        ObjectNode found = DeadGroups.of(
                (from, max) -> {
                    var page = dead.list(DeadLetterFilter.ALL, from, max);
                    pages.add(page.letters().stream()
                            .map(DeadLetter::json)
                            .mapToInt(json -> json.size())
                            .sum());
                    return page;
                },
                NOW);
        assertThat(found.get("complete").booleanValue()).isFalse();
        assertThat(found.get("searched").intValue()).isBetween(64, 80);
        assertThat(found.at("/groups/0/count").intValue())
                .isEqualTo(found.get("searched").intValue());
        assertThat(pages).allMatch(bytes -> bytes < 8_000_000);
    }

    @Test
    void of_none_there_are_no_groups() {
        assertThat(groups().toString()).isEqualTo("{\"groups\":[],\"more_groups\":0,\"searched\":0,\"complete\":true}");
    }
}
