package dev.taskqueue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskTest {

    record Order(String name, int count) {}

    @Test
    void a_new_task_has_the_documented_defaults() {
        Task task = Task.of("t", null);
        assertThat(task.payload().isNull()).isTrue();
        assertThat(task.retry()).isZero();
        assertThat(task.maxRetries()).isEqualTo(3);
        assertThat(task.priority()).isEqualTo(Priority.NORMAL);
        assertThat(task.attempt()).isEqualTo(1);
    }

    @Test
    void ids_are_unique_ulids() {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            ids.add(Task.newId());
        }
        assertThat(ids).hasSize(10_000).allMatch(id -> id.matches("[0-7][0-9A-HJKMNP-TV-Z]{25}"));
    }

    @Test
    void binds_its_payload_both_ways() {
        Task task = Task.of("t", new Order("tea", 2));
        assertThat(task.payload().toString()).isEqualTo("{\"name\":\"tea\",\"count\":2}");
        assertThat(task.payloadAs(Order.class)).isEqualTo(new Order("tea", 2));
        assertThatThrownBy(() -> Task.of("t", List.of(1)).payloadAs(Order.class))
                .isInstanceOf(InvalidTaskException.class)
                .hasMessageContaining("does not fit");
        assertThatThrownBy(() ->
                        Task.of("t", Map.of("name", "tea", "count", "private")).payloadAs(Order.class))
                .isInstanceOf(InvalidTaskException.class)
                .hasMessageStartingWith("payload.count of task ")
                .hasMessageNotContaining("private");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a\nb", "\uD800"})
    void refuses_a_type_that_is_blank_or_unprintable(String type) {
        assertThatThrownBy(() -> Task.of(type, null))
                .isInstanceOf(InvalidTaskException.class)
                .hasMessageStartingWith("type is ");
    }

    @Test
    void refuses_what_is_out_of_range_and_names_the_field_and_what_is_allowed() {
        Task task = Task.of("t", null);
        assertThatThrownBy(() -> task.withMaxRetries(-1))
                .isInstanceOf(InvalidTaskException.class)
                .hasMessage("max_retries is -1; allowed is 0 to 10000");
        assertThatThrownBy(() -> task.withId("x".repeat(129)))
                .isInstanceOf(InvalidTaskException.class)
                .hasMessageContaining("id is 129 characters long");
        assertThatThrownBy(() -> task.withTimeout(Duration.ZERO))
                .isInstanceOf(InvalidTaskException.class)
                .hasMessageStartingWith("timeout_ms is 0");
        assertThatThrownBy(() -> task.withExtraFields(Map.of("type", RawJson.of("x"))))
                .isInstanceOf(InvalidTaskException.class)
                .hasMessageContaining("type");
    }
}
