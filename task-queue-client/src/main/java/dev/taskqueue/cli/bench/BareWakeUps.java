package dev.taskqueue.cli.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.args.ListDirection;

/** The floor of an idle pick-up: threads that block in BLMOVE, and the time from the LPUSH until one of them has woken. */
final class BareWakeUps implements AutoCloseable {

    private static final byte[] STOP = {'s', 't', 'o', 'p'};

    private final BareRedis bare;
    private final Jedis producer;
    private final byte[] queue;
    private final byte[] processing;
    private final Semaphore woken = new Semaphore(0);
    private final List<Thread> threads = new ArrayList<>();
    /** Written before a permit is released, read after it was acquired. */
    private long wokenAt;

    /**
     * @param queue the list to wait at
     * @param count how many threads
     */
    BareWakeUps(BareRedis bare, byte[] queue, int count) throws InterruptedException {
        this.bare = bare;
        this.queue = queue;
        processing = bare.key("bare:processing");
        producer = bare.connect();
        CountDownLatch ready = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            Thread thread = new Thread(() -> waitForTasks(ready));
            thread.start();
            threads.add(thread);
        }
        ready.await();
    }

    private void waitForTasks(CountDownLatch ready) {
        try (Jedis jedis = bare.connect()) {
            ready.countDown();
            while (true) {
                byte[] raw = jedis.blmove(queue, processing, ListDirection.RIGHT, ListDirection.LEFT, 0);
                long now = System.nanoTime();
                if (Arrays.equals(raw, STOP)) {
                    return;
                }
                wokenAt = now;
                woken.release();
                jedis.lrem(processing, -1, raw);
            }
        }
    }

    /** Returns the ns from the push until a thread had it. */
    long sample(byte[] text) throws InterruptedException {
        return sample(() -> producer.lpush(queue, text));
    }

    /** The same for a push of any kind. */
    long sample(Runnable push) throws InterruptedException {
        long start = System.nanoTime();
        push.run();
        woken.acquire();
        return wokenAt - start;
    }

    /** Ends the threads, each with a task that means that. */
    @Override
    public void close() {
        try (producer) {
            for (int i = 0; i < threads.size(); i++) {
                producer.lpush(queue, STOP);
            }
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
