package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Finding;
import dev.taskqueue.Finding.Code;
import dev.taskqueue.Finding.Severity;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.RedisServer;
import dev.taskqueue.testing.TestCluster;
import dev.taskqueue.worker.QuickWorkers;
import dev.taskqueue.worker.Worker;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** Each finding where its cause is there, and none on a healthy queue. */
@SuppressWarnings("try")
class DoctorTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private RedisProcess redis;
    private RedisBroker broker;

    @BeforeEach
    void start() {
        redis = RedisProcess.start("--maxmemory", "512mb", "--slowlog-log-slower-than", "10000000");
        broker = RedisBroker.at(redis.settings()).queue("q").build();
    }

    @AfterEach
    void stop() {
        broker.close();
        redis.close();
    }

    private static List<Code> codes(List<Finding> findings) {
        return findings.stream().map(Finding::code).toList();
    }

    private static Finding only(RedisBroker asked, Code code) {
        List<Finding> findings = asked.doctor();
        assertThat(codes(findings)).as(findings.toString()).containsExactly(code);
        Finding finding = findings.get(0);
        assertThat(List.of(finding.what(), finding.meaning(), finding.todo()))
                .allMatch(text -> text.matches("(?s)[A-Z0-9a-z].*\\."))
                .noneMatch(text -> text.contains("secret"));
        return finding;
    }

    private Finding only(Code code) {
        return only(broker, code);
    }

    private Worker worker() {
        Worker worker = QuickWorkers.of(broker)
                .concurrency(2)
                .handler("t", task -> task.id())
                .start();
        await().atMost(PATIENCE)
                .until(() -> broker.workers().stream()
                        .anyMatch(known -> known.details().isPresent()));
        return worker;
    }

    @Test
    void a_healthy_queue_has_no_findings_whether_it_is_idle_or_works() throws Exception {
        assertThat(broker.doctor()).isEmpty();
        try (Worker worker = worker()) {
            for (int i = 0; i < 100; i++) {
                broker.enqueue("t", "secret");
            }
            Task later = Task.of("t", "secret").in(Duration.ofHours(1));
            broker.enqueue(later);
            assertThat(broker.doctor()).isEmpty();
            broker.cancel(later.id());
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(broker.doctor()).isEmpty();
        }
        assertThat(broker.doctor()).isEmpty();
    }

    @Test
    void settings_under_which_tasks_can_be_lost() {
        redis.command("CONFIG", "SET", "appendonly", "no");
        assertThat(only(Code.APPEND_ONLY_OFF).severity()).isEqualTo(Severity.WARNING);
        redis.command("CONFIG", "SET", "appendonly", "yes");
        redis.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        assertThat(only(Code.EVICTION_ON).what()).isEqualTo("maxmemory-policy is allkeys-lru.");
    }

    @Test
    void a_disk_that_cannot_be_written() throws Exception {
        Files.createDirectory(redis.folder().resolve("dump.rdb"));
        redis.command("BGSAVE");
        await().atMost(PATIENCE).until(() -> !broker.doctor().isEmpty());
        Finding finding = only(Code.PERSISTENCE_FAILS);
        assertThat(finding.what()).contains("rdb_last_bgsave_status");
        assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
    }

    @Test
    void memory_that_runs_out_and_is_full() {
        broker.enqueue("t", "x");
        redis.command("DEL", "q");
        redis.command("CONFIG", "SET", "maxmemory", Long.toString(used() * 100 / 87));
        assertThat(only(Code.MEMORY_LOW).severity()).isEqualTo(Severity.WARNING);
        redis.command("CONFIG", "SET", "maxmemory", "1");
        assertThatThrownBy(() -> broker.enqueue("t", "x")).hasMessageContaining("OOM");
        Finding finding = only(Code.MEMORY_LOW);
        assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(finding.meaning()).contains("enqueueing is refused");
    }

    private long used() {
        return RedisProcess.text(redis.command("INFO", "memory"))
                .lines()
                .filter(line -> line.startsWith("used_memory:"))
                .mapToLong(line -> Long.parseLong(line.substring(12).strip()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void connections_that_run_out_and_were_refused() {
        redis.command("CONFIG", "SET", "maxclients", "20");
        List<Jedis> open = new ArrayList<>();
        try {
            for (int i = 0; i < 17; i++) {
                Jedis jedis = new Jedis("127.0.0.1", redis.settings().port());
                open.add(jedis);
                jedis.ping();
            }
            assertThat(only(Code.CONNECTIONS_LOW).what()).contains("of 20 clients");
            assertThatThrownBy(() -> {
                for (int i = 0; i < 10; i++) {
                    Jedis jedis = new Jedis("127.0.0.1", redis.settings().port());
                    open.add(jedis);
                    jedis.ping();
                }
            });
        } finally {
            open.forEach(Jedis::close);
        }
        redis.command("CONFIG", "SET", "maxclients", "1000");
        assertThat(only(Code.CONNECTIONS_REFUSED).isWrong()).isFalse();
    }

    @Test
    void replicas_that_enqueueing_waits_for() {
        try (RedisBroker waits = RedisBroker.at(redis.settings())
                        .queue("q")
                        .waitForReplicas(1, Duration.ofSeconds(1))
                        .build();
                RedisProcess replica = RedisProcess.start(
                        "--replicaof",
                        "127.0.0.1",
                        Integer.toString(redis.settings().port()));
                RedisBroker ofReplica =
                        RedisBroker.at(replica.settings()).queue("q").build()) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(waits.doctor()).isEmpty());
            Finding unsuitable = only(ofReplica, Code.SERVER_UNSUITABLE);
            assertThat(unsuitable.what()).contains("replica");
            replica.kill();
            await().atMost(PATIENCE).until(() -> !waits.doctor().isEmpty());
            assertThat(only(waits, Code.REPLICAS_MISSING).severity()).isEqualTo(Severity.CRITICAL);
            assertThat(broker.doctor()).isEmpty();
        }
    }

    @Test
    void scripts_and_commands_that_were_slow() {
        redis.command("EVAL", "for i = 1, 100000 do redis.call('LPUSH', 'q', '{\"id\":\"\\\\\"}') end", "0");
        redis.command("CONFIG", "SET", "slowlog-log-slower-than", "10000");
        broker.find("none", 1);
        String find = Bytes.text(Script.FIND.sha());
        for (int i = 1; i <= 3; i++) {
            redis.command("EVALSHA", find, "1", "q", "id", "0", "1000000", "1000000000", "1000000", "0", "0");
        }
        redis.command("UNLINK", "q");
        // Redis logs what a script calls as well.
        Finding ours = broker.doctor().get(0);
        assertThat(ours.code()).isEqualTo(Code.SLOW_SCRIPTS);
        assertThat(ours.severity()).isEqualTo(Severity.WARNING);
        assertThat(ours.what()).contains("find (3 times, ");
        redis.command("CONFIG", "SET", "slowlog-log-slower-than", "50000");
        redis.command("SLOWLOG", "RESET");
        redis.command("EVAL", "for i = 1, 10000000 do local secret = i end", "0");
        assertThat(broker.doctor()).anySatisfy(finding -> {
            assertThat(finding.code()).isEqualTo(Code.SLOW_COMMANDS);
            assertThat(finding.what()).contains("EVAL (1 time, ").doesNotContain("secret");
        });
    }

    @Test
    void what_may_not_be_asked_is_said_and_is_not_wrong() {
        redis.command("ACL", "SETUSER", "ops", "on", ">pass", "~*", "+@all", "-slowlog", "-info");
        try (RedisBroker ops = RedisBroker.at(redis.settings().toBuilder()
                        .user("ops")
                        .password("pass")
                        .build())
                .queue("q")
                .build()) {
            List<Finding> findings = ops.doctor();
            assertThat(codes(findings)).containsExactly(Code.NOT_CHECKED, Code.NOT_CHECKED);
            assertThat(findings).noneMatch(Finding::isWrong);
            assertThat(findings.get(0).what()).contains("INFO");
            assertThat(findings.get(1).what()).contains("SLOWLOG");
        }
    }

    @Test
    void redis_that_is_away_is_a_failure_and_no_finding() {
        redis.kill();
        assertThatThrownBy(broker::doctor).isInstanceOf(BrokerUnavailableException.class);
    }

    @Test
    void tasks_that_wait_while_no_worker_lives() {
        broker.enqueue(Task.of("t", "secret").in(Duration.ofHours(1)));
        assertThat(only(Code.NO_WORKERS).severity()).isEqualTo(Severity.WARNING);
        broker.enqueue("t", "secret");
        Finding finding = only(Code.NO_WORKERS);
        assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(finding.what()).contains("2 tasks have not ended; the oldest ready one waits since ");
        assertThat(finding.queue()).contains("q");
    }

    @Test
    void workers_that_were_killed_and_hold_tasks() {
        BrokerSession session = BrokerEngine.of(broker).session("lost", Duration.ofSeconds(1));
        try (Worker worker = worker()) {
            session.beat();
            redis.command("LPUSH", "q:processing:lost", "{\"type\":\"t\"}");
            assertThat(broker.doctor()).isEmpty();
            long longAgo = System.currentTimeMillis() - 600_000;
            redis.command("HSET", "q:silence", ":lease", "30000");
            redis.command("ZADD", "q:workers", Long.toString(longAgo), "lost");
            Finding finding = only(Code.WORKERS_SILENT);
            assertThat(finding.what()).contains("1 worker that holds 1 task is silent: lost since ");
            assertThat(finding.meaning()).contains("within two leases");
        }
    }

    @Test
    void workers_that_were_made_quiet_and_forgotten() {
        try (Worker worker = worker()) {
            broker.quietAll();
            assertThat(broker.doctor()).isEmpty();
            redis.command("HSET", "q:quiet", broker.workers().get(0).name(), "{\"by\":\"ann@web-1\",\"since\":1000}");
            assertThat(only(Code.WORKERS_QUIET).what()).contains("1 worker took nothing new", "ann@web-1");
        }
    }

    @Test
    void orphaned_processing_lists() {
        redis.command("LPUSH", "q:processing:gone\nbad", "{\"type\":\"t\",\"payload\":\"secret\"}");
        redis.command("SET", "q:processing:no list", "x");
        Finding finding = only(Code.ORPHANS);
        assertThat(finding.what()).contains("\"gone bad\" (1)");
        assertThat(finding.meaning()).contains("no worker lives");
    }

    @Test
    void scheduled_tasks_that_are_overdue() {
        BrokerEngine.of(broker).session("w1", Duration.ofSeconds(1)).beat();
        redis.command("ZADD", "q:scheduled", "1000", "{\"type\":\"t\"}");
        assertThat(only(Code.OVERDUE).what()).contains("1 scheduled task is past due", "since 1970-01-01T00:00:01Z");
    }

    @Test
    void a_backlog_but_not_while_the_queue_is_paused() throws Exception {
        BrokerEngine.of(broker).session("w1", Duration.ofSeconds(1)).beat();
        broker.enqueue("t", "secret");
        assertThat(broker.doctor()).isEmpty();
        redis.command("RPUSH", "q", "{\"type\":\"t\",\"created_at\":1000}");
        assertThat(only(Code.BACKLOG).what()).contains("oldest of 2 ready tasks waits since 1970");
        redis.command("SET", "q:paused", "{\"since\":" + System.currentTimeMillis() + "}");
        assertThat(only(Code.PAUSED).isWrong()).isFalse();
    }

    @Test
    void a_pause_that_was_forgotten() {
        BrokerEngine.of(broker).session("w1", Duration.ofSeconds(1)).beat();
        redis.command(
                "SET",
                "q:paused",
                "{\"by\":\"ann\",\"reason\":\"migration\",\"since\":" + (System.currentTimeMillis() - 10_900_000)
                        + "}");
        Finding finding = only(Code.PAUSED);
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.what())
                .startsWith("The queue is paused by ann for 3 h 1 min, with the reason \"migration\"");
        assertThat(finding.todo()).isEqualTo("If it was forgotten: client.jar resume --queue q.");
        redis.command("SET", "q:paused", "x");
        assertThat(only(Code.PAUSED).what()).contains("nobody says since when");
    }

    @Test
    void tasks_that_no_live_worker_handles() {
        try (Worker worker = worker()) {
            redis.command("ZADD", "q:waiting", "9999999999999", "t", "9999999999999", "invoice:v2");
            redis.command("LPUSH", "q:waiting:invoice:v2", "{\"type\":\"invoice:v2\"}");
            Finding finding = only(Code.PARKED);
            assertThat(finding.what()).contains("\"invoice:v2\" (1)").doesNotContain("\"t\"");
        }
    }

    @Test
    void suspects_and_broken_schedules() {
        BrokerEngine.of(broker).session("w1", Duration.ofSeconds(1)).beat();
        redis.command("RPUSH", "q:suspects", "{\"type\":\"t\"}");
        assertThat(only(Code.SUSPECTS).what()).startsWith("1 task waits for a trial");
        redis.command("DEL", "q:suspects");
        redis.command("HSET", "q:cron:broken", "nightly", "no such zone");
        assertThat(only(Code.CRONS_BROKEN).what()).contains("1 schedule is set aside: nightly (no such zone).");
    }

    @Test
    void dead_letters_that_grow() {
        long now = System.currentTimeMillis();
        String old = "{\"id\":\"x\",\"type\":\"t\",\"last_error\":\"IOException: secret\",\"died_at\":1000}";
        for (int i = 0; i < 20; i++) {
            redis.command("LPUSH", "q:dead", old);
        }
        assertThat(broker.doctor()).isEmpty();
        for (int i = 0; i < 9; i++) {
            redis.command("LPUSH", "q:dead", old.replace("1000", Long.toString(now)));
        }
        assertThat(only(Code.DEAD_LETTERS).isWrong()).isFalse();
        redis.command("LPUSH", "q:dead", "{\"reason\":\"malformed\",\"died_at\":" + now + "}");
        Finding finding = only(Code.DEAD_LETTERS);
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.what())
                .isEqualTo(
                        "10 tasks died in the last hour, mostly of type \"t\" of IOException; 30 dead letters in all.");
        redis.command(
                "EVAL",
                "for i = 1, 600 do redis.call('LPUSH', 'q:dead', '{\"died_at\":" + now
                        + ",\"last_error\":\"{}\"}') end",
                "0");
        assertThat(only(Code.DEAD_LETTERS).what()).startsWith("At least 500 tasks died in the last hour, all entries");
    }

    @Test
    void a_key_of_a_wrong_type_is_told_and_the_other_queues_are_looked_at() {
        redis.command("SET", "q:dead", "x");
        assertThat(broker.doctor()).isEmpty();
        redis.command("SET", "q:workers", "x");
        assertThat(only(Code.QUEUE_UNREADABLE).severity()).isEqualTo(Severity.CRITICAL);
        try (RedisBroker routed =
                RedisBroker.at(redis.settings()).queue("q").route("t", "r").build()) {
            routed.enqueue("t", "secret");
            List<Finding> findings = routed.doctor();
            assertThat(codes(findings)).containsExactly(Code.QUEUE_UNREADABLE, Code.NO_WORKERS);
            assertThat(findings.get(1).queue()).contains("r");
        }
    }

    @Test
    void clocks_that_differ() {
        QueueLook look = new QueueLook(Instant.now(), Duration.ofSeconds(-90), 0, List.of(), List.of(), List.of());
        assertThat(new QueueFindings(BrokerEngine.of(broker).context(), "q").clock(look))
                .hasValueSatisfying(finding -> {
                    assertThat(finding.code()).isEqualTo(Code.CLOCK_SKEW);
                    assertThat(finding.what()).isEqualTo("This machine's clock is 1 min 30 s behind Redis'.");
                });
        assertThat(QueueLook.at(BrokerEngine.of(broker).context()).skew()).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void a_server_that_is_too_old_and_a_replica_that_is_behind() {
        ServerCheck server = new ServerCheck(BrokerEngine.of(broker).context().redis(), "there:6379");
        ReplicaWait replicas = new ReplicaWait(1, Duration.ofSeconds(1));
        Map<String, String> info = Map.of(
                "redis_version", "7.0.1",
                "master_repl_offset", "20000000",
                "slave0", "ip=10.0.0.7,port=6379,state=online,offset=20000000,lag=0");
        assertThat(new ServerFindings(info, server, replicas).all()).isEmpty();
        Map<String, String> worse = new HashMap<>(info);
        worse.put("redis_version", "5.0.1");
        worse.put("slave0", "ip=10.0.0.7,port=6379,state=online,offset=100,lag=0");
        List<Finding> findings = new ServerFindings(worse, server, replicas).all();
        assertThat(codes(findings)).containsExactly(Code.SERVER_UNSUITABLE, Code.REPLICAS_LAG);
        assertThat(findings.get(0).what())
                .isEqualTo("Redis at there:6379 has version \"5.0.1\"; 6.2 or newer is needed, or Valkey.");
        assertThat(findings.get(1).what()).isEqualTo("A replica is 19 MiB behind.");
    }

    @Test
    void in_a_cluster_the_queue_is_looked_at_too() {
        try (TestCluster cluster = TestCluster.start(RedisServer.usual());
                RedisBroker inCluster = RedisBroker.at(
                                RedisSettings.at(cluster.addresses()).cluster().build())
                        .queue("q")
                        .build()) {
            inCluster.enqueue(Task.of("t", "secret").withId("a"));
            assertThat(codes(inCluster.doctor())).contains(Code.NO_WORKERS).doesNotContain(Code.QUEUE_UNREADABLE);
            assertThat(inCluster.why("a").reasons()).hasSize(2);
        }
    }
}
