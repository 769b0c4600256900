package dev.taskqueue.daemon;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands SIGTERM and SIGINT to us, so that a second one can be told from the first, and a clean end has exit code 0. The JDK
 * keeps that in a class that is not part of its API and that the compiler hides; hence by reflection.
 */
final class Signals {

    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    private Signals() {}

    /**
     * @param action called at each signal, by a thread of its own
     */
    static void onTerminate(Runnable action) {
        for (String name : new String[] {"TERM", "INT"}) {
            try {
                Class<?> signal = Class.forName("sun.misc.Signal");
                Class<?> handler = Class.forName("sun.misc.SignalHandler");
                InvocationHandler call = (proxy, method, args) -> {
                    switch (method.getName()) {
                        case "handle" -> action.run();
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
                Object proxy = Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handler}, call);
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            } catch (ReflectiveOperationException | RuntimeException e) {
                // A JVM without it still ends cleanly, with the exit code of the signal and deaf to a second one.
                LOG.atDebug().addKeyValue("signal", name).setCause(e).log("no signal handler; using a shutdown hook");
                Thread caller = Thread.currentThread();
                Runtime.getRuntime()
                        .addShutdownHook(new Thread(() -> runAndWait(action, caller), "task-queue-shutdown"));
                return;
            }
        }
    }

    private static void runAndWait(Runnable action, Thread caller) {
        action.run();
        try {
            caller.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
