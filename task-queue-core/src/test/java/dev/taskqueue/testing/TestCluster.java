package dev.taskqueue.testing;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.exceptions.JedisDataException;

/** A Redis Cluster of three nodes, without replicas unless they are added. */
public final class TestCluster implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<RedisProcess> nodes = new ArrayList<>();

    private final RedisServer server;

    private TestCluster(RedisServer server) {
        this.server = server;
    }

    public static TestCluster start() {
        return start(RedisServer.usual());
    }

    public static TestCluster start(RedisServer server) {
        TestCluster cluster = new TestCluster(server);
        for (int i = 0; i < 3; i++) {
            cluster.nodes.add(cluster.startNode());
        }
        cluster.form();
        return cluster;
    }

    private RedisProcess startNode() {
        return RedisProcess.start(server, "--cluster-enabled", "yes", "--cluster-node-timeout", "5000");
    }

    private List<RedisProcess> primaries() {
        return nodes.subList(0, 3);
    }

    /** The addresses of two of the nodes. */
    public String addresses() {
        return nodes.get(0).settings().address() + "," + nodes.get(1).settings().address();
    }

    private void form() {
        for (int i = 0; i < 3; i++) {
            List<String> words = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
            for (int slot = i; slot < 16_384; slot += 3) {
                words.add(Integer.toString(slot));
            }
            nodes.get(i).command(words.toArray(String[]::new));
            nodes.get(i).command("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
        }
        for (RedisProcess node : nodes) {
            nodes.get(0)
                    .command(
                            "CLUSTER",
                            "MEET",
                            "127.0.0.1",
                            Integer.toString(node.settings().port()));
        }
        await().atMost(PATIENCE)
                .until(() -> nodes.stream()
                        .allMatch(node -> RedisProcess.text(node.command("CLUSTER", "INFO"))
                                        .contains("cluster_state:ok")
                                && RedisProcess.text(node.command("CLUSTER", "INFO"))
                                        .contains("cluster_known_nodes:3")));
    }

    /** Runs a command on each node, and returns what the protocol returns. */
    public List<Object> onEach(String... words) {
        return nodes.stream().map(node -> node.command(words)).toList();
    }

    /** The number of the slot of a key; slot n lies on the node n % 3. */
    public long slot(String key) {
        return (Long) nodes.get(0).command("CLUSTER", "KEYSLOT", key);
    }

    /** How many keys lie in the slot of a key. */
    public long countInSlot(String key) {
        long slot = slot(key);
        return (Long) nodes.get((int) (slot % 3)).command("CLUSTER", "COUNTKEYSINSLOT", Long.toString(slot));
    }

    /** Moves the slot of a key to the next node, as resharding does: key by key, while clients go on. */
    public void moveSlot(String key) {
        int slot = ((Long) nodes.get(0).command("CLUSTER", "KEYSLOT", key)).intValue();
        RedisProcess source = nodes.get(slot % 3);
        RedisProcess target = nodes.get((slot + 1) % 3);
        String number = Integer.toString(slot);
        target.command("CLUSTER", "SETSLOT", number, "IMPORTING", RedisProcess.text(source.command("CLUSTER", "MYID")));
        source.command("CLUSTER", "SETSLOT", number, "MIGRATING", RedisProcess.text(target.command("CLUSTER", "MYID")));
        while (true) {
            List<?> keys = (List<?>) source.command("CLUSTER", "GETKEYSINSLOT", number, "50");
            if (keys.isEmpty()) {
                break;
            }
            List<String> words = new ArrayList<>(List.of(
                    "MIGRATE", "127.0.0.1", Integer.toString(target.settings().port()), "", "0", "5000", "KEYS"));
            keys.forEach(each -> words.add(RedisProcess.text(each)));
            source.command(words.toArray(String[]::new));
        }
        String owner = RedisProcess.text(target.command("CLUSTER", "MYID"));
        target.command("CLUSTER", "SETSLOT", number, "NODE", owner);
        source.command("CLUSTER", "SETSLOT", number, "NODE", owner);
        primaries().forEach(node -> node.command("CLUSTER", "SETSLOT", number, "NODE", owner));
    }

    /** Gives the node that has a key's slot a replica, and waits until it follows. */
    public void addReplica(String key) {
        int slot = ((Long) nodes.get(0).command("CLUSTER", "KEYSLOT", key)).intValue();
        RedisProcess primary = nodes.get(slot % 3);
        RedisProcess replica = startNode();
        nodes.add(replica);
        replica.command(
                "CLUSTER",
                "MEET",
                "127.0.0.1",
                Integer.toString(primary.settings().port()));
        String id = RedisProcess.text(primary.command("CLUSTER", "MYID"));
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(JedisDataException.class)
                .until(() -> replica.command("CLUSTER", "REPLICATE", id) != null);
        await().atMost(PATIENCE)
                .until(() -> RedisProcess.text(primary.command("INFO", "replication"))
                        .contains("state=online"));
    }

    /** Stops the node that has a key's slot, and lets it go on afterwards. */
    public void whileHanging(String key, Runnable action) {
        int slot = ((Long) nodes.get(0).command("CLUSTER", "KEYSLOT", key)).intValue();
        long pid = nodes.get(slot % 3).pid();
        Signal.send(pid, "STOP");
        try {
            action.run();
        } finally {
            Signal.send(pid, "CONT");
        }
    }

    @Override
    public void close() {
        nodes.forEach(RedisProcess::close);
    }
}
