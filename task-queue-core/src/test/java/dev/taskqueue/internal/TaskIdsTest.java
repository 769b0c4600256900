package dev.taskqueue.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskIdsTest {

    @Test
    void ids_sort_by_the_time_that_they_tell() {
        assertThat(TaskIds.next(1_000)).isLessThan(TaskIds.next(1_001)).startsWith("00000000Z8");
        long last = 0;
        for (long time = 1; time < 1L << 48; time = time * 3 + 1) {
            assertThat(TaskIds.next(last)).isLessThan(TaskIds.next(time));
            last = time;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 1_469_918_176_385L, 1_795_672_000_000L, (1L << 48) - 1})
    void an_id_tells_its_time_exactly(long time) {
        String id = TaskIds.next(time);
        assertThat(TaskIds.time(id)).hasValue(time);
        assertThat(TaskIds.tells(id, time)).isTrue();
        assertThat(TaskIds.tells(id, time + 1)).isFalse();
    }

    @Test
    void the_example_of_the_specification_tells_the_time_that_it_says() {
        assertThat(TaskIds.time("01ARYZ6S41TSV4RRFFQ69G5FAV")).hasValue(1_469_918_176_385L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "01ARYZ6S41TSV4RRFFQ69G5FA",
                "01ARYZ6S41TSV4RRFFQ69G5FAVV",
                "01arYZ6S41TSV4RRFFQ69G5FAV",
                "01ARYZ6S4UTSV4RRFFQ69G5FAV",
                "01ARYZ6S4\u0661TSV4RRFFQ69G5FAV",
                "\ud83d\ude00ARYZ6S41TSV4RRFFQ69G5FAV",
                "0193b5a0-7c1e-7000-8000-000000000000"
            })
    void any_other_id_tells_none(String id) {
        assertThat(TaskIds.time(id)).isEmpty();
        assertThat(TaskIds.tells(id, -1)).isFalse();
        assertThat(TaskIds.tells(id, 0)).isFalse();
    }
}
