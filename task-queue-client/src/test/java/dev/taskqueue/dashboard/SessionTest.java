package dev.taskqueue.dashboard;

import static dev.taskqueue.dashboard.TestDashboard.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Signing in, and guessing. */
class SessionTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private final List<Long> pauses = new ArrayList<>();
    private RedisBroker broker;
    private TestDashboard server;

    @BeforeEach
    void open() {
        broker = redis.broker();
        server = TestDashboard.serve(
                TestDashboard.withTokens(Dashboard.of(broker)).pause(pauses::add));
    }

    @AfterEach
    void close() {
        server.close();
        broker.close();
    }

    @Test
    void a_cookie_stands_for_a_token_until_one_signs_out() {
        TestDashboard.Answer signedIn = server.post("/sign-in", "{\"token\":\"" + TestDashboard.OPERATOR + "\"}");
        assertThat(signedIn.status()).isEqualTo(200);
        String cookie = signedIn.header("Set-Cookie");
        assertThat(cookie)
                .contains("HttpOnly", "SameSite=Strict", "Path=/;")
                .doesNotContain(TestDashboard.OPERATOR, "Secure");
        String[] shown = {"Cookie", "other=1; " + cookie.replaceFirst(";.*", "")};
        assertThat(server.get("/api/session", shown).json().get("role").textValue())
                .isEqualTo("operator");
        assertThat(server.post("/api/dead/delete", "{\"all\":true}", shown).status())
                .isEqualTo(403);
        assertThat(server.post("/sign-out", "", shown).status()).isEqualTo(303);
        assertThat(server.get("/api/session", shown).status()).isEqualTo(401);
    }

    /** The server took headers apart at commas, and failed where quotes do not pair, before anybody was asked who they are. */
    @Test
    void quotes_and_commas_in_headers_are_no_trouble() {
        String cookie = server.post("/sign-in", "{\"token\":\"" + TestDashboard.OPERATOR + "\"}")
                .header("Set-Cookie")
                .replaceFirst(";.*", "");
        for (String odd : new String[] {"a=\"1", "a=1,2", "a=x\"y\"z\\", "a=\"1,2\"\",b", ",", "\""}) {
            TestDashboard.Answer answer = server.get(
                    "/api/session", "Cookie", odd + "; " + cookie, "User-Agent", odd, "Accept", odd, "Referer", odd);
            assertThat(answer.status()).as(odd).isEqualTo(200);
            assertThat(server.get("/assets/app.js", "If-None-Match", odd).status())
                    .as(odd)
                    .isEqualTo(200);
        }
    }

    @Test
    void a_wrong_token_signs_nobody_in() {
        TestDashboard.Answer answer = server.post("/sign-in", "{\"token\":\"wrong\"}");
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("Set-Cookie")).isEmpty();
        assertThat(server.get("/api/session", "Cookie", Access.COOKIE + "=" + TestDashboard.ADMIN)
                        .status())
                .isEqualTo(401);
    }

    @Test
    void wrong_tokens_are_answered_later_and_later_and_right_ones_never() {
        for (int i = 0; i < 12; i++) {
            assertThat(server.get("/api/queues", token("wrong-token-number-" + i))
                            .status())
                    .isEqualTo(401);
        }
        assertThat(pauses).hasSize(9).isSorted().startsWith(100L, 200L).endsWith(2_000L);
        assertThat(server.get("/api/queues", token(TestDashboard.VIEWER)).status())
                .isEqualTo(200);
        assertThat(server.get("/api/queues").status()).isEqualTo(401);
        assertThat(pauses).hasSize(9);
    }

    @Test
    void addresses_and_sessions_are_forgotten() throws Exception {
        AtomicLong clock = new AtomicLong();
        WrongTries tries = new WrongTries(clock::get, pauses::add);
        for (int i = 0; i < 3_000; i++) {
            tries.add(InetAddress.getByAddress(new byte[] {10, 0, (byte) (i >> 8), (byte) i}));
        }
        assertThat(tries.addresses()).isEqualTo(WrongTries.MAX_ADDRESSES);
        Sessions sessions = new Sessions(clock::get);
        String first = sessions.open(Role.ADMIN);
        for (int i = 1; i < Sessions.MAX; i++) {
            sessions.open(Role.VIEWER);
        }
        assertThat(sessions.role(first)).contains(Role.ADMIN);
        String last = sessions.open(Role.VIEWER);
        assertThat(sessions.role(first)).isEmpty();
        clock.addAndGet(Sessions.LIFE.toNanos());
        assertThat(sessions.role(last)).isEmpty();
    }
}
