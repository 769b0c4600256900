package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.BrokerUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol.Command;

/** One worker's part in the trials of tasks that were taken back too often. */
final class Trials {

    private static final Logger LOG = LoggerFactory.getLogger(Trials.class);

    private static final byte[] ALONE = bytes("alone");
    private static final byte[] BESIDE = bytes("beside");

    private final Redis redis;
    private final Keys keys;
    private final TaskCodec codec;
    private final ProcessingList lists;
    private final Claiming claiming;
    private final ServerClock clock;
    private final String worker;
    private final Duration lease;
    private final FirstTime firstTime = new FirstTime();

    Trials(
            QueueContext queue,
            ProcessingList lists,
            Claiming claiming,
            ServerClock clock,
            String worker,
            Duration lease) {
        this.redis = queue.redis();
        this.keys = queue.keys();
        this.codec = queue.codec();
        this.lists = lists;
        this.claiming = claiming;
        this.clock = clock;
        this.worker = worker;
        this.lease = lease;
    }

    boolean reserve() {
        Object reply = askForReservation();
        if (reply instanceof byte[] problem) {
            String error = Bytes.text(problem);
            if (firstTime.of(error)) {
                LOG.atError().addKeyValue("error", error).log("set aside a key of a wrong type");
            }
            reply = askForReservation();
        }
        return Long.valueOf(1).equals(reply);
    }

    private Object askForReservation() {
        return redis.run(
                Script.RESERVE_TRIAL,
                List.of(
                        keys.trial,
                        keys.suspects,
                        keys.workers,
                        keys.silence,
                        keys.paused,
                        keys.unusableTrial,
                        keys.unusableSuspects),
                List.of(bytes(worker), bytes(lease.toMillis())));
    }

    ClaimBatch begin(boolean alone) {
        List<byte[]> first = lists.page(keys.suspects, 0, 1).entries();
        if (first.isEmpty()) {
            return ClaimBatch.EMPTY;
        }
        byte[] raw = first.get(0);
        long begun = redis.number(
                Script.BEGIN_TRIAL,
                List.of(keys.trial, keys.suspects, keys.processing(worker)),
                List.of(bytes(worker), alone ? ALONE : BESIDE, raw, bytes(id(raw))));
        return begun == 1 ? claiming.admit(List.of(raw), 0, true) : ClaimBatch.EMPTY;
    }

    /** Nobody but recovery puts entries there, but anybody can. */
    private String id(byte[] raw) {
        try {
            return codec.decode(raw, clock.now()).task().id();
        } catch (MalformedTaskException | RuntimeException e) {
            return "";
        }
    }

    void goOnBeside(Claim claim) {
        byte[] state = bytes("beside " + clock.now() + " " + claim.task().id());
        try {
            redis.command("go on with trial", Bytes::number, Command.HSET, keys.trial, bytes(worker), state);
        } catch (BrokerUnavailableException e) {
            // Of a wrong type: no record tells of this trial any more, which is as good. Who reserves the next sets it
            // aside.
            if (!ErrorCode.isOfWrongType(e)) {
                throw e;
            }
        }
    }

    void end(List<Claim> ended) {
        List<byte[]> names = new ArrayList<>();
        names.add(keys.trial);
        for (Claim claim : ended) {
            // One that waits again has survived nothing: its next death makes it a suspect again.
            if (!claim.isPutBack()) {
                names.add(keys.recoveries(claim.task().id()));
            }
        }
        redis.run(Script.END_TRIAL, names, List.of(bytes(worker)));
    }
}
