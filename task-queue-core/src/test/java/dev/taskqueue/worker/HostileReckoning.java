package dev.taskqueue.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.EvilOutcomes;
import dev.taskqueue.testing.RedisProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import redis.clients.jedis.Jedis;

/** What each task of a {@link HostileRound} is to come to, and what it came to. Thread-safe while tasks are added. */
final class HostileReckoning {

    static final String WRONG_LIST = "no-list-";
    static final int WRONG_LISTS = 5;

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int PILLS = 6;
    private static final int MAX_LISTED = 5;

    private final List<String> succeeding = new ArrayList<>();
    /** How the reason of each begins. */
    private final Map<String, String> dying = new LinkedHashMap<>();

    /** Enqueued perhaps twice. */
    private final Set<String> doubtful = new HashSet<>();

    private int malformed;

    /** Pills, and whatever handlers may return and throw and policies answer, in any order. */
    List<Task> evilTasks(Random random) {
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < PILLS; i++) {
            tasks.add(dies(Task.of(FleetWorker.PILL, 0), "poison"));
        }
        for (int i = 0; i < FleetWorker.RESULTS.size(); i++) {
            tasks.add(succeeds(Task.of(FleetWorker.RESULT, i)));
        }
        for (int i = 0; i < FleetWorker.FAILURES.size(); i++) {
            tasks.add(dies(Task.of(FleetWorker.FAILURE, i).withMaxRetries(1), "retries exhausted"));
        }
        for (int i = 0; i < EvilOutcomes.permanentFailures().size(); i++) {
            tasks.add(dies(Task.of(FleetWorker.PERMANENT_FAILURE, i), "permanent failure"));
        }
        for (int i = 0; i < FleetWorker.POLICIES.size(); i++) {
            tasks.add(dies(Task.of(FleetWorker.POLICY, i).withMaxRetries(1), "retries exhausted"));
        }
        Collections.shuffle(tasks, random);
        return tasks;
    }

    synchronized Task succeeds(Task task) {
        succeeding.add(task.id());
        return task;
    }

    synchronized Task dies(Task task, String reason) {
        dying.put(task.id(), reason);
        return task;
    }

    synchronized void doubtful(Task task) {
        doubtful.add(task.id());
    }

    synchronized void malformed(int entries) {
        malformed += entries;
    }

    boolean hasEnded(RedisProcess redis, RedisBroker broker) {
        // The lists first: the counts know none of a worker that is not registered, and what leaves one shows up in
        // them.
        return lists(redis).isEmpty()
                && broker.stats().unfinished() == 0
                && dying.keySet().stream().allMatch(id -> isFinal(broker, id))
                && succeeding.stream().allMatch(id -> isFinal(broker, id));
    }

    private static List<String> lists(RedisProcess redis) {
        try (Jedis jedis = new Jedis("127.0.0.1", redis.settings().port(), 60_000)) {
            return jedis.keys(HostileRound.QUEUE + ":processing:*").stream()
                    .filter(key -> !key.contains(WRONG_LIST))
                    .toList();
        }
    }

    /** Some of the tasks that have not ended. */
    List<String> unfinished(RedisBroker broker) {
        return Stream.concat(succeeding.stream(), dying.keySet().stream())
                .filter(id -> !isFinal(broker, id))
                .limit(MAX_LISTED)
                .map(id -> broker.status(id).map(TaskStatus::toString).orElse(id + " has no status"))
                .toList();
    }

    private static boolean isFinal(RedisBroker broker, String id) {
        return broker.status(id).filter(status -> status.state().isFinal()).isPresent();
    }

    List<String> problems(RedisProcess redis, RedisBroker broker, Fleet fleet) throws IOException {
        List<String> problems = new ArrayList<>();
        add(problems, "innocents that did not succeed", failed(broker));
        add(problems, "innocents that were run again while their worker lived", begunTwice(fleet));
        try (Jedis jedis = new Jedis("127.0.0.1", redis.settings().port(), 60_000)) {
            addLetters(problems, jedis.lrange(HostileRound.QUEUE + ":dead", 0, -1));
        }
        add(problems, "processing lists that are left", lists(redis));
        return problems;
    }

    private List<String> failed(RedisBroker broker) {
        List<String> failed = new ArrayList<>();
        for (String id : succeeding) {
            Optional<TaskStatus> status = broker.status(id);
            if (status.isEmpty() || status.get().state() != TaskState.SUCCEEDED) {
                failed.add(id + " " + status.map(TaskStatus::toString).orElse("has no status"));
            }
        }
        return failed;
    }

    private List<String> begunTwice(Fleet fleet) throws IOException {
        return fleet.begunTwice().entrySet().stream()
                .filter(task -> !doubtful.contains(task.getKey()))
                .map(Map.Entry::toString)
                .toList();
    }

    private void addLetters(List<String> problems, List<String> letters) {
        Map<String, Integer> buried = new HashMap<>();
        List<String> unexpected = new ArrayList<>();
        int malformedLetters = 0;
        for (String letter : letters) {
            JsonNode node = read(letter);
            String reason = node.path("reason").asText();
            String id = node.path("id").asText();
            if (reason.equals("malformed")) {
                malformedLetters++;
            } else if (dying.containsKey(id) && reason.startsWith(dying.get(id))) {
                buried.merge(id, 1, Integer::sum);
            } else {
                unexpected.add(letter.substring(0, Math.min(400, letter.length())));
            }
        }
        add(problems, "unexpected dead letters", unexpected);
        Set<String> missing = new HashSet<>(dying.keySet());
        missing.removeAll(buried.keySet());
        add(problems, "evil tasks that were not buried for their reason", new ArrayList<>(missing));
        if (malformedLetters != malformed) {
            problems.add(malformedLetters + " malformed entries were buried, not " + malformed);
        }
    }

    private static JsonNode read(String letter) {
        try {
            return MAPPER.readTree(letter);
        } catch (JsonProcessingException e) {
            return MAPPER.createObjectNode();
        }
    }

    private static void add(List<String> problems, String what, List<String> found) {
        if (!found.isEmpty()) {
            problems.add(
                    found.size() + " " + what + ", such as " + found.subList(0, Math.min(MAX_LISTED, found.size())));
        }
    }

    String summary(RedisBroker broker, Fleet fleet) throws IOException {
        long again =
                fleet.runs().values().stream().filter(runs -> runs.size() > 1).count();
        return "%d innocents, %d of them not succeeded, %d run again (%d while their worker lived); %d evil tasks, %d evil entries; %d dead"
                .formatted(
                        succeeding.size(),
                        failed(broker).size(),
                        again,
                        begunTwice(fleet).size(),
                        dying.size(),
                        malformed,
                        broker.stats().dead());
    }
}
