package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutesTest {

    @ParameterizedTest
    @CsvSource({
        "email:send,email:send,true",
        "email:send,email:sender,false",
        "email:send,email:sen,false",
        "email:*,email:send,true",
        "email:*,email:,true",
        "email:*,email,false",
        "email:*,xemail:send,false",
        "*,anything,true"
    })
    void a_pattern_is_a_type_or_the_beginning_of_some(String pattern, String type, boolean fits) {
        assertThat(new Routes.Route(pattern, "q").fits(type)).isEqualTo(fits);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|it must be a type of 1 to 128 characters",
                "' '|it must be a type of 1 to 128 characters",
                "**|* is allowed at its end alone",
                "a*b|* is allowed at its end alone",
                "*a|* is allowed at its end alone"
            })
    void other_patterns_are_refused(String pattern, String sentence) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Routes.NONE.with(pattern, "q"))
                .withMessageStartingWith("route pattern is \"" + pattern + "\"")
                .withMessageContaining(sentence);
    }

    @Test
    void a_pattern_may_be_as_long_as_a_type_with_an_asterisk_behind_it() {
        assertThat(Routes.NONE.with("t".repeat(128) + "*", "q").all()).hasSize(1);
        assertThatIllegalArgumentException().isThrownBy(() -> Routes.NONE.with("t".repeat(129) + "*", "q"));
        assertThatIllegalArgumentException().isThrownBy(() -> Routes.NONE.with("a\nb", "q"));
        assertThatIllegalArgumentException().isThrownBy(() -> Routes.NONE.with(null, "q"));
    }

    @Test
    void what_may_be_a_password_is_not_shown() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Routes.NONE.with("*me:s3cret@host", "q"))
                .withMessageContaining("(not shown)");
    }

    @Test
    void a_route_that_an_earlier_one_leaves_no_type_is_refused() {
        Routes routes = Routes.NONE.with("email:send", "fast").with("email:*", "emails");
        for (String late : new String[] {"email:send", "email:*", "email:bulk:*", "email:other"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> routes.with(late, "q"))
                    .withMessageContaining("before it takes all of its types");
        }
        assertThat(routes.with("e*", "q").with("*", "rest").all()).hasSize(4);
    }

    @Test
    void names_of_queues_are_checked_and_their_number_is_bounded() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Routes.NONE.with("t", "a b"))
                .withMessageStartingWith("queue name is \"a b\"");
        Routes routes = Routes.NONE;
        for (int i = 0; i < Routes.MAX; i++) {
            routes = routes.with("t" + i, "q");
        }
        Routes full = routes;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> full.with("more", "q"))
                .withMessage("there are more than 1000 routes");
    }
}
