package dev.taskqueue.testing;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.POJONode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.taskqueue.PermanentFailureException;
import dev.taskqueue.RetryLaterException;
import dev.taskqueue.worker.RetryPolicy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * What handlers return and throw, and retry policies answer, that once broke a part, and what is of the same kind. A task
 * whose handler returned has succeeded, whatever it returned; one whose handler threw has failed, whatever it threw. Each
 * list is also a method source.
 */
public final class EvilOutcomes {

    private EvilOutcomes() {}

    /**
     * A thing with a name for a test's report; made anew at each use, as some can be used but once.
     *
     * @param name what it is
     * @param maker makes it
     * @param <T> the thing
     */
    public record Named<T>(String name, Supplier<T> maker) {

        /**
         * @return the thing
         */
        public T get() {
            return maker.get();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static <T> Named<T> named(String name, Supplier<T> maker) {
        return new Named<>(name, maker);
    }

    /**
     * @return results that can be written: each must be found in the status, or its beginning
     */
    public static List<Named<Object>> results() {
        List<Named<Object>> results = new ArrayList<>(List.of(
                named("2^5000", () -> BigInteger.TWO.pow(5_000)),
                named("1E+2147483647", () -> new BigDecimal(BigInteger.ONE, Integer.MIN_VALUE + 1)),
                named("1E-2147483647", () -> new BigDecimal(BigInteger.ONE, Integer.MAX_VALUE)),
                named("100.00", () -> new BigDecimal("100.00")),
                named("-0.0", () -> -0.0),
                named("NaN", () -> Double.NaN),
                named("infinity", () -> List.of(Double.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY)),
                named("a missing node", MissingNode::getInstance),
                named("an empty node", JsonNodeFactory.instance::nullNode),
                named("an object in a node", () -> new POJONode(Map.of("a", 1))),
                named("a map with odd names", () -> Map.of("\uD83D", 1, "\0", 2)),
                named("an emoji on the cut", () -> "x".repeat(1_022) + "\uD83D\uDE00".repeat(4_000)),
                named("an emoji past the cut", () -> "x".repeat(1_021) + "\uD83D\uDE00".repeat(4_000)),
                named("100 MB of text", () -> "\uD83D\uDE00".repeat(25_000_000)),
                named("a list without an end", EvilOutcomes::endless),
                named("1,000,000 numbers", () -> IntStream.range(0, 1_000_000).toArray())));
        EvilValues.strings()
                .forEach(string -> results.add(named(
                        "text "
                                + EvilValues.quote(string.substring(0, Math.min(20, string.length())))
                                + " of "
                                + string.length(),
                        () -> string)));
        return results;
    }

    /**
     * @return results that cannot be written: each must leave a note in the status
     */
    public static List<Named<Object>> unwritableResults() {
        return List.of(
                named("an object without properties", Object::new),
                named("a getter that throws", () -> new Getter(IllegalStateException::new)),
                named("a getter whose exception throws", () -> new Getter(() -> new UnreadableException(false))),
                named("a getter that runs out of memory", () -> new Getter(OutOfMemoryError::new)),
                named("a getter that overflows the stack", () -> new Getter(StackOverflowError::new)),
                named("a getter that finds no class", () -> new Getter(NoClassDefFoundError::new)),
                named("a getter that throws an error of its own", () -> new Getter(() -> new Error("odd"))),
                named("a getter that calls itself", Recursive::new),
                named("an object that holds itself", Cyclic::new),
                named("a map that holds itself", EvilOutcomes::cyclicMap),
                named("a list nested 100,000 deep", EvilOutcomes::deepList),
                named("raw text that is no JSON", () -> new Raw("nonsense")),
                named("raw text that closes the object", () -> new Raw("1},\"state\":\"dead\",\"x\":{\"y\":1")),
                named("a raw node that is no JSON", () -> new POJONode(new RawValue("1,2"))),
                named("an object without properties in a node", () -> new POJONode(new Object())));
    }

    /**
     * @return what handlers throw; none of them says that the task shall not be tried again
     */
    public static List<Named<Throwable>> failures() {
        List<Named<Throwable>> failures = new ArrayList<>(List.of(
                named("getMessage throws", () -> new UnreadableException(false)),
                named("getMessage throws an error", () -> new UnreadableException(true)),
                named("getMessage never returns but by a stack overflow", EndlessException::new),
                named("getMessage is null", Exception::new),
                named("no name and no message", () -> new Exception() {
                    private static final long serialVersionUID = 1L;
                }),
                named("10 MB of message", () -> new Exception("\uD83D\uDE00".repeat(2_500_000))),
                named("an emoji on the cut", () -> new Exception("x".repeat(1_988) + "\uD83D\uDE00".repeat(4_000))),
                named("an emoji past the cut", () -> new Exception("x".repeat(1_987) + "\uD83D\uDE00".repeat(4_000))),
                named("out of memory", () -> new OutOfMemoryError("not really")),
                named("stack overflow", StackOverflowError::new),
                named("no class", () -> new NoClassDefFoundError("gone")),
                named("an error of its own", () -> new Error("odd")),
                named("a cause that is itself", EvilOutcomes::cyclicCause),
                named("a cause that cannot be read", () -> new Exception("x", new UnreadableException(true))),
                named("a suppressed one that cannot be read", EvilOutcomes::suppressing),
                named("interrupted", InterruptedException::new),
                named("retry later, at a time that throws", UnreadableDelay::new),
                named("retry later, at no time", NoDelay::new),
                named(
                        "retry in 292 billion years",
                        () -> new RetryLaterException(Duration.ofSeconds(Long.MAX_VALUE)))));
        EvilValues.strings()
                .forEach(string -> failures.add(named(
                        "message "
                                + EvilValues.quote(string.substring(0, Math.min(20, string.length())))
                                + " of "
                                + string.length(),
                        () -> new Exception(string))));
        return failures;
    }

    /**
     * @return what handlers throw to say that the task shall not be tried again
     */
    public static List<Named<Throwable>> permanentFailures() {
        return List.of(
                named("half a surrogate pair", () -> new PermanentFailureException("\uD83D")),
                named("10 MB of message", () -> new PermanentFailureException("\0".repeat(10 << 20))),
                named("no message", () -> new PermanentFailureException(null)),
                named("getMessage throws", () -> new PermanentFailureException("x") {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public String getMessage() {
                        throw new Error("getMessage");
                    }
                }));
    }

    /**
     * @return policies that give no delay, or none that can be waited for
     */
    public static List<Named<RetryPolicy>> policies() {
        return List.of(
                named("throws", () -> throwing(IllegalStateException::new)),
                named("throws an error", () -> throwing(() -> new Error("odd"))),
                named("runs out of memory", () -> throwing(OutOfMemoryError::new)),
                named("overflows the stack", () -> throwing(StackOverflowError::new)),
                named("throws what cannot be read", () -> throwing(() -> new UnreadableException(true))),
                named("null", () -> (task, failure) -> null),
                named("negative", () -> (task, failure) -> Duration.ofSeconds(Long.MIN_VALUE)),
                named("longest", () -> (task, failure) -> Duration.ofSeconds(Long.MAX_VALUE, 999_999_999)));
    }

    private static RetryPolicy throwing(Supplier<Throwable> failure) {
        return (task, cause) -> {
            throw EvilOutcomes.<RuntimeException>unchecked(failure.get());
        };
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E unchecked(Throwable failure) throws E {
        throw (E) failure;
    }

    private static Iterable<Integer> endless() {
        return () -> new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Integer next() {
                return next++;
            }
        };
    }

    private static Map<String, Object> cyclicMap() {
        Map<String, Object> map = new HashMap<>();
        map.put("self", map);
        return map;
    }

    private static List<Object> deepList() {
        List<Object> list = List.of();
        for (int i = 0; i < 100_000; i++) {
            list = List.of(list);
        }
        return list;
    }

    private static Exception cyclicCause() {
        Exception one = new Exception("one");
        one.initCause(new Exception("two", one));
        return one;
    }

    private static Exception suppressing() {
        Exception one = new Exception("one");
        one.addSuppressed(new UnreadableException(true));
        return one;
    }

    private record Getter(Supplier<Throwable> failure) {

        @SuppressWarnings("unused")
        public String getValue() {
            throw EvilOutcomes.<RuntimeException>unchecked(failure.get());
        }
    }

    /** Its getter never returns. */
    public static final class Recursive {

        /**
         * @return nothing, ever
         */
        @SuppressWarnings("InfiniteRecursion")
        public Object getSelf() {
            return new Recursive().getSelf() + "";
        }
    }

    /** Holds itself. */
    public static final class Cyclic {

        /**
         * @return another one
         */
        public Cyclic getNext() {
            return new Cyclic();
        }
    }

    private record Raw(@JsonRawValue String value) {}

    /** Throws when it is asked what happened. */
    private static final class UnreadableException extends Exception {

        private static final long serialVersionUID = 1L;

        private final boolean error;

        UnreadableException(boolean error) {
            this.error = error;
        }

        @Override
        public String getMessage() {
            if (error) {
                throw new Error("getMessage");
            }
            throw new IllegalStateException("getMessage");
        }

        @Override
        public String toString() {
            return getMessage();
        }
    }

    private static final class EndlessException extends Exception {

        private static final long serialVersionUID = 1L;

        @SuppressWarnings("InfiniteRecursion")
        @Override
        public String getMessage() {
            return getMessage() + "";
        }
    }

    private static final class UnreadableDelay extends RetryLaterException {

        private static final long serialVersionUID = 1L;

        UnreadableDelay() {
            super(Duration.ZERO, "x");
        }

        @Override
        public Duration delay() {
            throw new Error("delay");
        }
    }

    private static final class NoDelay extends RetryLaterException {

        private static final long serialVersionUID = 1L;

        NoDelay() {
            super(Duration.ZERO, "x");
        }

        @Override
        public Duration delay() {
            return null;
        }
    }
}
