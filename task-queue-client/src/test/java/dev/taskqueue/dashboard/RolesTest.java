package dev.taskqueue.dashboard;

import static dev.taskqueue.dashboard.TestDashboard.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each route of the table, asked for with no token, a wrong one, and that of each role. */
class RolesTest {

    private static final Map<Role, String> TOKENS = Map.of(
            Role.VIEWER, TestDashboard.VIEWER,
            Role.OPERATOR, TestDashboard.OPERATOR,
            Role.ADMIN, TestDashboard.ADMIN);

    /** What may be undone, or harms no task, is for operators, and no other way round. */
    private static final List<String> OF_ADMINS = List.of(
            "POST /api/dead/delete",
            "POST /api/queues/{queue}/purge",
            "POST /api/queues/{queue}/move",
            "PUT /api/crons/{name}",
            "DELETE /api/crons/{name}",
            "POST /api/crons/{name}/pause",
            "POST /api/crons/{name}/resume",
            "POST /api/workers/{worker}/quiet",
            "POST /api/workers/{worker}/unquiet");

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private RedisBroker broker;

    @BeforeEach
    void open() {
        broker = redis.broker();
    }

    private Dashboard dashboard() {
        return TestDashboard.withTokens(Dashboard.of(broker)).pause(millis -> {});
    }

    private static String path(Route route) {
        return route.template().replaceAll("\\{\\w+}", "nobody");
    }

    @Test
    void every_route_asks_for_its_role() {
        List<Route> routes = dashboard().build().routes();
        try (TestDashboard server = TestDashboard.serve(dashboard())) {
            SoftAssertions.assertSoftly(softly -> routes.forEach(route -> {
                String name = route.method() + " " + route.template();
                int none = server.send(route.method(), path(route), "").status();
                TestDashboard.Answer wrong = server.send(route.method(), path(route), "", token("wrong".repeat(5)));
                if (route.role() == Role.ANYONE) {
                    softly.assertThat(none).as(name).isNotEqualTo(403);
                    return;
                }
                softly.assertThat(none).as(name + " without a token").isEqualTo(401);
                softly.assertThat(wrong.status())
                        .as(name + " with a wrong token")
                        .isEqualTo(401);
                softly.assertThat(wrong.header("WWW-Authenticate")).as(name).startsWith("Bearer");
                TOKENS.forEach((role, token) -> {
                    int status = server.send(route.method(), path(route), "", token(token))
                            .status();
                    softly.assertThat(status == 403 || status == 401)
                            .as(name + " as " + role + " is refused: " + status)
                            .isEqualTo(!role.includes(route.role()));
                });
            }));
        }
        assertThat(routes).hasSizeGreaterThan(30);
    }

    @Test
    void what_acts_is_for_operators_and_what_cannot_be_undone_for_admins() {
        for (Route route : dashboard().build().routes()) {
            String name = route.method() + " " + route.template();
            if (!route.acts()) {
                assertThat(route.role()).as(name).isIn(Role.ANYONE, Role.VIEWER);
                assertThat(route.template().startsWith("/api/"))
                        .as(name)
                        .isEqualTo(
                                route.role() == Role.VIEWER && !route.template().equals("/tasks/{id}"));
            } else if (!name.startsWith("POST /sign-")) {
                assertThat(route.role()).as(name).isEqualTo(OF_ADMINS.contains(name) ? Role.ADMIN : Role.OPERATOR);
            }
        }
    }

    @Test
    void a_read_only_dashboard_refuses_whatever_acts() {
        Dashboard readOnly = dashboard().readOnly(true);
        try (TestDashboard server = TestDashboard.serve(readOnly)) {
            for (Route route : readOnly.build().routes()) {
                int status = server.send(route.method(), path(route), "", token(TestDashboard.ADMIN))
                        .status();
                assertThat(status == 403)
                        .as(route.method() + " " + route.template())
                        .isEqualTo(route.acts() && route.role() != Role.ANYONE);
            }
        }
    }

    @Test
    void without_a_token_only_this_machine_is_served() {
        try (TestDashboard server = TestDashboard.serve(Dashboard.of(broker))) {
            assertThat(server.get("/api/session").json().get("role").textValue())
                    .isEqualTo("admin");
        }
    }
}
