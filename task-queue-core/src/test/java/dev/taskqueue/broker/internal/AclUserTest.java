package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.taskqueue.Cron;
import dev.taskqueue.DeadLetterFilter;
import dev.taskqueue.Finding;
import dev.taskqueue.PermanentFailureException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskEntry;
import dev.taskqueue.TaskFilter;
import dev.taskqueue.TaskSearch;
import dev.taskqueue.TaskState;
import dev.taskqueue.Unique;
import dev.taskqueue.broker.DeadLetters;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.RedisServer;
import dev.taskqueue.testing.TestCluster;
import dev.taskqueue.worker.QuickWorkers;
import dev.taskqueue.worker.Worker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.UnifiedJedis;

/** The user of {@code deploy/redis-user.acl} may do all that the library does, and nothing more. */
@ParameterizedClass
@MethodSource(RedisServer.ALL)
class AclUserTest {

    private static final Path FILE = Path.of("..", "deploy", "redis-user.acl").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration LEASE = Duration.ofSeconds(1);

    /** What connections send that have been idle for half a minute, and those to a cluster. */
    private static final Set<String> UNSEEN = Set.of("ping", "cluster|slots", "asking");

    private final RedisServer server;
    private RedisProcess redis;

    AclUserTest(RedisServer server) {
        this.server = server;
    }

    @BeforeEach
    void start() {
        redis = RedisProcess.start(server, "--appendonly", "no", "--aclfile", FILE.toString());
    }

    @AfterEach
    void stop() {
        redis.close();
    }

    private static RedisSettings asUser(RedisSettings.Builder settings) {
        return settings.user("taskqueue").password("change-me").build();
    }

    private RedisSettings asUser() {
        return asUser(redis.settings().toBuilder());
    }

    private void push(String key, String entry) {
        try (Jedis jedis = new Jedis(redis.settings().host(), redis.settings().port())) {
            jedis.auth("taskqueue", "change-me");
            jedis.lpush(key, entry);
        }
    }

    private void letBeDue(String cron) {
        try (Jedis jedis = new Jedis(redis.settings().host(), redis.settings().port())) {
            jedis.auth("taskqueue", "change-me");
            jedis.zadd("gopher_tasks:cron:due", 1, cron);
        }
    }

    private static Worker worker(RedisBroker broker) {
        return QuickWorkers.of(broker)
                .concurrency(4)
                .lease(LEASE)
                .unknownTypeGrace(Duration.ofMillis(500))
                .retryPolicy((task, failure) -> Duration.ofMillis(10))
                .handler("t", task -> {
                    // Long enough for a status that says so.
                    Thread.sleep(task.attempt() == 1 ? 300 : 0);
                    if (task.payload().intValue() == 1 && task.attempt() == 1) {
                        throw new IllegalStateException("the first time");
                    }
                    return "done";
                })
                .handler("dies", task -> {
                    throw new PermanentFailureException("never");
                })
                .start();
    }

    private static List<Task> tasks() {
        List<Task> tasks = new ArrayList<>();
        for (Priority priority : Priority.values()) {
            for (int i = 0; i < 2; i++) {
                tasks.add(Task.of("t", i).withPriority(priority));
                tasks.add(Task.of("t", i).withPriority(priority).withIdempotencyKey("same"));
            }
        }
        for (Unique.OrElse orElse : Unique.OrElse.values()) {
            tasks.add(Task.of("t", 0).unique(Unique.by("same").orElse(orElse)));
        }
        tasks.add(Task.of("t", 0).unique(Unique.by("same").orElse(Unique.OrElse.RUN_AFTER)));
        tasks.add(Task.of("t", 0).unique(Unique.by("start").until(Unique.Until.START)));
        tasks.add(Task.of("dies", 0));
        tasks.add(Task.of("dies", 0).withIdempotencyKey("other"));
        return tasks;
    }

    private static void enqueueAndRun(RedisBroker broker) {
        assertThat(broker.check()).noneMatch(warning -> warning.contains("INFO"));
        broker.ping();
        broker.find("nowhere", 10);
        List<Task> tasks = tasks();
        tasks.forEach(broker::enqueue);
        broker.enqueueAll(tasks());
        broker.crons().put(Cron.of("now", "@yearly", "t", 0).withOverlap(Cron.Overlap.ALLOW));
        broker.crons().runNow("now");
        await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
        DeadLetters dead = broker.deadLetters();
        assertThat(dead.retry(
                        dead.list(DeadLetterFilter.ALL, Optional.empty(), 1).letters()))
                .hasSize(1);
        await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
        if (BrokerEngine.of(broker).limits().tracksStatus()) {
            assertThat(broker.status(tasks.get(0).id()).orElseThrow().state()).isEqualTo(TaskState.SUCCEEDED);
        }
    }

    /** What a worker does after losses, and what it seldom does. */
    private void lose(RedisBroker broker) {
        push("gopher_tasks", "{\"type\":\"t\",\"payload\":0}");
        push("gopher_tasks", "no task");
        push("gopher_tasks", "{\"type\":\"t\",\"payload\":\"" + "x".repeat(3 << 20) + "\"}");
        push("gopher_tasks:processing:lost", "{\"type\":\"t\",\"payload\":0}");
        push("gopher_tasks", "{\"type\":\"unheard-of\"}");
        push("gopher_tasks:suspects", "{\"id\":\"suspect\",\"type\":\"t\",\"payload\":0}");
        BrokerSession session = BrokerEngine.of(broker).session("seldom", LEASE);
        session.beat();
        broker.enqueue(Task.of("t", 0).withId("mine").withPriority(Priority.HIGH));
        ClaimBatch mine = session.claim(1);
        assertThat(mine.claims()).hasSize(1);
        session.adopt(List.of());
        broker.crons().put(Cron.of("c", "@yearly", "t", 0));
        broker.crons().runNow("c");
        letBeDue("c");
        session.promote(1);
        session.fireCrons();
        broker.crons().sync("nobody", List.of());
        broker.crons().pause("c");
        broker.crons().list();
        broker.crons().remove("c");
        mine.claims().forEach(session::goOnBeside);
        session.endTrial(mine.claims());
        broker.enqueue(Task.of("t", 0).withId("cancelled").withPriority(Priority.HIGH));
        ClaimBatch held = session.claim(1);
        broker.cancel("cancelled");
        session.findCancelled(held.claims());
        session.trimCancelled("0");
        session.settle(List.of(new Outcome.Cancelled(held.claims().get(0), false, Duration.ZERO)));
        broker.enqueue(Task.of("t", 0).withId("removed"));
        broker.why("removed");
        // Without the server's part, which asks for the slow log: that this user may not see.
        new QueueFindings(BrokerEngine.of(broker).context(), broker.queue()).all();
        broker.cancel("removed");
        session.expireLeftStatuses();
        purgeMoveRunAndTrim(broker, session);
        broker.quiet("seldom");
        session.seeHold(false);
        broker.quietAll();
        broker.unquiet("seldom");
        broker.unquietAll();
        session.leave();
    }

    private static void purgeMoveRunAndTrim(RedisBroker broker, BrokerSession session) {
        TaskFilter scheduled = TaskFilter.of(TaskSearch.Place.SCHEDULED);
        for (String id : List.of("move", "purge", "run")) {
            broker.enqueue(Task.of("t", 0)
                    .withId(id)
                    .in(Duration.ofDays(1))
                    .withIdempotencyKey(id)
                    .unique(Unique.by(id)));
            List<TaskEntry> entries = broker.tasks().list(scheduled, Optional.empty(), 100).entries().stream()
                    .filter(entry -> entry.id().equals(id))
                    .toList();
            if (id.equals("move")) {
                assertThat(broker.tasks().move(entries, "gopher_tasks:other").moved())
                        .hasSize(1);
            } else if (id.equals("purge")) {
                assertThat(broker.tasks().purge(entries, "")).hasSize(1);
            } else {
                assertThat(broker.tasks().runNow(entries)).hasSize(1);
            }
        }
        assertThat(broker.findQueues(PATIENCE).queues()).contains("gopher_tasks");
        session.boundDead(1, Duration.ofDays(1));
        session.trimDead();
    }

    @Test
    void is_refused_nothing_whatever_is_done() throws Exception {
        try (RedisProcess replica = RedisProcess.start(
                server,
                "--appendonly",
                "no",
                "--replicaof",
                "127.0.0.1",
                Integer.toString(redis.settings().port()))) {
            await().atMost(PATIENCE)
                    .until(() -> RedisProcess.text(replica.command("INFO", "replication"))
                            .contains("master_link_status:up"));
            redis.command("CONFIG", "RESETSTAT");
            runEverything();
        }
        assertThat(redis.command("ACL", "LOG")).as("what was refused").isEqualTo(List.of());
        for (Script script : Script.values()) {
            assertThat(redis.command("SCRIPT", "EXISTS", Bytes.text(script.sha())))
                    .as("whether this test has %s run", script)
                    .isEqualTo(List.of(1L));
        }
        Set<String> used = new TreeSet<>(commandsOfScripts());
        used.addAll(UNSEEN);
        matches("cmdstat_([^:]+):", RedisProcess.text(redis.command("INFO", "commandstats")))
                .forEach(used::add);
        // 6.2 counts CLIENT as a whole.
        used.add(used.contains("client") ? "client|setname" : "client");
        assertThat(used).as("commands that are used, or need no right").containsAll(granted());
    }

    private void runEverything() throws InterruptedException {
        try (RedisBroker broker =
                        RedisBroker.at(asUser()).waitForReplicas(1, PATIENCE).build();
                RedisBroker untracked = RedisBroker.at(asUser())
                        .taskStatusTtl(Duration.ZERO)
                        .waitForReplicas(1, PATIENCE)
                        .build();
                RedisBroker elsewhere = RedisBroker.at(
                                asUser(redis.settings().toBuilder().database(1)))
                        .build()) {
            lose(broker);
            try (Worker worker = worker(broker)) {
                enqueueAndRun(broker);
                enqueueAndRun(untracked);
                await().atMost(PATIENCE)
                        .until(() -> broker.status("suspect").isPresent()
                                && broker.status("mine").orElseThrow().state() == TaskState.SUCCEEDED);
                await().atMost(PATIENCE).until(worker::isReady);
                broker.pause("test", Duration.ofMinutes(1));
                broker.resume();
                await().atMost(PATIENCE).until(() -> !broker.recent(10).isEmpty());
                assertThat(broker.history(Duration.ofMinutes(5))).isNotEmpty();
                assertThat(broker.workers()).anyMatch(info -> info.details().isPresent());
            }
            for (RedisBroker other : List.of(untracked, elsewhere)) {
                try (Worker worker = worker(other)) {
                    enqueueAndRun(other);
                    await().atMost(PATIENCE).until(worker::isReady);
                }
            }
        }
    }

    @Test
    void may_call_each_command_that_a_script_names() {
        assertThat(granted()).containsAll(commandsOfScripts());
    }

    @Test
    void may_call_each_command_that_the_library_names() {
        List<String> names = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("dev.taskqueue").stream()
                        .flatMap(type -> type.getAccessesFromSelf().stream())
                        .filter(access -> access.getTargetOwner().isAssignableTo(UnifiedJedis.class)
                                || access.getTargetOwner().isAssignableTo(Protocol.Command.class))
                        .map(JavaAccess::getName)
                        .toList();
        Set<String> commands = commands(names);
        assertThat(commands).contains("lpush", "evalsha", "blmove", "scan");
        assertThat(granted()).containsAll(commands);
    }

    @Test
    void is_told_by_doctor_that_it_may_not_see_the_slow_log() {
        try (RedisBroker broker = RedisBroker.at(asUser()).build()) {
            assertThat(broker.doctor())
                    .filteredOn(finding -> finding.code() == Finding.Code.NOT_CHECKED)
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.what()).contains("SLOWLOG"));
        }
    }

    @Test
    void may_do_nothing_else() {
        try (RedisBroker other = RedisBroker.at(asUser()).queue("other").build()) {
            assertThatThrownBy(() -> other.enqueue("t", 1)).hasMessageContaining("NOPERM");
        }
        try (Jedis jedis = new Jedis(redis.settings().host(), redis.settings().port())) {
            jedis.auth("taskqueue", "change-me");
            assertThatThrownBy(jedis::flushAll).hasMessageContaining("NOPERM");
            assertThatThrownBy(() -> jedis.keys("*")).hasMessageContaining("NOPERM");
            assertThatThrownBy(jedis::clientList).hasMessageContaining("NOPERM");
        }
    }

    @Test
    void works_in_a_cluster_too() {
        try (TestCluster cluster = TestCluster.start(server)) {
            List<String> words = new ArrayList<>(List.of("ACL", "SETUSER"));
            words.addAll(words().subList(1, words().size()));
            cluster.onEach(words.toArray(String[]::new));
            try (RedisBroker broker = RedisBroker.at(
                                    asUser(RedisSettings.at(cluster.addresses()).cluster()))
                            .build();
                    Worker worker = worker(broker)) {
                enqueueAndRun(broker);
                cluster.moveSlot("{gopher_tasks}");
                await().atMost(PATIENCE).ignoreExceptions().until(() -> {
                    enqueueAndRun(broker);
                    return true;
                });
                await().atMost(PATIENCE).until(worker::isReady);
            }
            assertThat(cluster.onEach("ACL", "LOG"))
                    .allSatisfy(log -> assertThat(log).as("what was refused").isEqualTo(List.of()));
        }
    }

    /** The words of the file's one line; {@code ACL SETUSER} takes them from the second on. */
    private static List<String> words() {
        try {
            return List.of(Files.readString(FILE).strip().split(" "));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> granted() {
        return words().stream()
                .filter(word -> word.startsWith("+"))
                .map(word -> word.substring(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<String> commandsOfScripts() {
        return commands(Arrays.stream(Script.values())
                .flatMap(script -> matches("['\"]([A-Z]+)['\"]", Bytes.text(script.source())))
                .toList());
    }

    private static Stream<String> matches(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results().map((MatchResult match) -> match.group(1));
    }

    /** Those that are commands: others are options, and methods that send none. */
    private Set<String> commands(Collection<String> names) {
        return names.stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .distinct()
                .filter(name -> ((List<?>) redis.command("COMMAND", "INFO", name)).get(0) != null)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
