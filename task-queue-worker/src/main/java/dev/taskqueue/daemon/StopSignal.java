package dev.taskqueue.daemon;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGTERM and SIGINT, from the moment of its making on: the first one asks for an orderly end, whose exit code is 0, and each
 * later one hurries it. The JDK keeps signals in a class that is not part of its API and that the compiler hides; hence by
 * reflection. Thread-safe.
 */
final class StopSignal implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicBoolean first = new AtomicBoolean(true);

    /** Whether the JVM leaves signals to us; else it ends at the first one, as soon as its hooks let it. */
    private boolean handled = true;

    /** Until there is a worker to hurry, nothing is in hand: the process ends as it stands. */
    private volatile Runnable hurry = () -> System.exit(0);

    private StopSignal() {}

    static StopSignal install() {
        StopSignal stop = new StopSignal();
        try {
            for (String name : new String[] {"TERM", "INT"}) {
                stop.handle(name);
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            // A JVM without it still ends cleanly, with the exit code of the signal and deaf to a second one.
            LOG.atDebug().setCause(e).log("no signal handler; using a shutdown hook");
            stop.handled = false;
            Runtime.getRuntime().addShutdownHook(new Thread(stop::askAndWait, "task-queue-shutdown"));
        }
        return stop;
    }

    private void handle(String name) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        InvocationHandler call = (proxy, method, args) -> {
            switch (method.getName()) {
                case "handle" -> received();
                case "hashCode" -> {
                    return System.identityHashCode(proxy);
                }
                case "equals" -> {
                    return proxy == args[0];
                }
                default -> {}
            }
            return null;
        };
        Object proxy = Proxy.newProxyInstance(StopSignal.class.getClassLoader(), new Class<?>[] {handler}, call);
        signal.getMethod("handle", signal, handler)
                .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    }

    private void received() {
        if (first.getAndSet(false)) {
            asked.countDown();
        } else {
            hurry.run();
        }
    }

    private void askAndWait() {
        asked.countDown();
        awaitOrderlyEnd();
    }

    /** For shutdown hooks: lets an orderly end go first where one is under way. */
    void awaitOrderlyEnd() {
        try {
            if (!handled) {
                ended.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * @param action called at the second signal and each later one, in place of the end of the process
     */
    void onHurry(Runnable action) {
        hurry = action;
    }

    boolean isAsked() {
        return asked.getCount() == 0;
    }

    /**
     * Waits for the first signal.
     *
     * @param millis how long at most
     * @return whether it came
     */
    boolean await(long millis) throws InterruptedException {
        return asked.await(millis, TimeUnit.MILLISECONDS);
    }

    /** Waits for the first signal. */
    void await() throws InterruptedException {
        asked.await();
    }

    /** Says that the end has come: a shutdown need not wait any longer. */
    @Override
    public void close() {
        ended.countDown();
    }
}
