package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** free + taken - overdrawn = size, at every instant and whoever takes, frees and resizes. */
class SlotsTest {

    private static void assertInvariant(Slots slots) {
        assertThat(slots.free() + slots.taken() - slots.overdrawn()).isEqualTo(slots.size());
    }

    @Test
    void all_that_are_free_are_taken_at_once() throws Exception {
        Slots slots = new Slots(3);
        assertThat(slots.takeAll(Duration.ZERO)).isEqualTo(3);
        assertThat(slots.takeAll(Duration.ofMillis(1))).isZero();
        slots.free(2);
        assertThat(slots.takeAll(Duration.ZERO)).isEqualTo(2);
        assertInvariant(slots);
    }

    @Test
    void what_is_overdrawn_is_given_back_before_anything_is_free() throws Exception {
        Slots slots = new Slots(2);
        slots.takeRegardless(5);
        assertThat(slots.overdrawn()).isEqualTo(3);
        slots.free(3);
        assertThat(slots.takeAll(Duration.ZERO)).isZero();
        slots.free(1);
        assertThat(slots.takeAll(Duration.ZERO)).isEqualTo(1);
        assertInvariant(slots);
    }

    @Test
    void shrinking_takes_effect_as_slots_are_freed() throws Exception {
        Slots slots = new Slots(10);
        slots.takeAll(Duration.ZERO);
        slots.resize(4);
        slots.free(6);
        assertThat(slots.free()).isZero();
        slots.free(1);
        assertThat(slots.free()).isEqualTo(1);
        assertInvariant(slots);
    }

    @Test
    void a_slot_freed_twice_is_an_error_and_changes_nothing() throws Exception {
        Slots slots = new Slots(2);
        slots.takeAll(Duration.ZERO);
        slots.free(2);
        assertThatThrownBy(() -> slots.free(1)).isInstanceOf(IllegalStateException.class);
        assertThat(slots.free()).isEqualTo(2);
        assertInvariant(slots);
    }

    @Test
    void a_taker_that_waits_is_woken_by_the_first_slot_that_is_freed() throws Exception {
        Slots slots = new Slots(1);
        slots.takeAll(Duration.ZERO);
        ConcurrentLinkedQueue<Integer> taken = new ConcurrentLinkedQueue<>();
        Thread taker = new Thread(() -> {
            try {
                taken.add(slots.takeAll(Duration.ofMinutes(1)));
            } catch (InterruptedException e) {
                taken.add(-1);
            }
        });
        taker.start();
        slots.free(1);
        taker.join(TimeUnit.SECONDS.toMillis(30));
        assertThat(taken).containsExactly(1);
    }

    private static boolean take(LinkedBlockingQueue<Integer> held) {
        try {
            return held.poll(1, TimeUnit.MILLISECONDS) != null;
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Test
    void the_invariant_holds_under_stress_and_nothing_is_lost_or_made() throws Exception {
        Slots slots = new Slots(16);
        LinkedBlockingQueue<Integer> held = new LinkedBlockingQueue<>();
        AtomicBoolean ending = new AtomicBoolean();
        AtomicLong taken = new AtomicLong();
        AtomicLong freed = new AtomicLong();
        ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            threads.add(new Thread(() -> {
                while (!ending.get() || !held.isEmpty()) {
                    if (take(held)) {
                        slots.free(1);
                        freed.incrementAndGet();
                    }
                }
            }));
        }
        threads.add(new Thread(() -> {
            while (!ending.get()) {
                // Read one after the other while others change them: each pair must fit by itself.
                int free = slots.free();
                int overdrawn = slots.overdrawn();
                if (free < 0 || free > 80 || overdrawn < 0 || overdrawn > 16 + 64 + 5) {
                    failures.add(new AssertionError(free + " free, " + overdrawn + " overdrawn"));
                }
            }
        }));
        threads.forEach(thread -> thread.setUncaughtExceptionHandler((t, e) -> failures.add(e)));
        threads.forEach(Thread::start);
        for (int round = 0; round < 30_000; round++) {
            slots.resize(16 + round % 3 * 32);
            int got = slots.takeAll(round % 7 == 0 ? Duration.ofMillis(1) : Duration.ZERO);
            if (round % 1_000 == 0) {
                slots.takeRegardless(5);
                got += 5;
            }
            taken.addAndGet(got);
            for (int i = 0; i < got; i++) {
                held.add(i);
            }
        }
        ending.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        assertThat(taken.get()).isEqualTo(freed.get()).isGreaterThan(10_000);
        assertThat(slots.taken()).isZero();
        assertThat(slots.free()).isEqualTo(slots.size());
        assertInvariant(slots);
    }
}
