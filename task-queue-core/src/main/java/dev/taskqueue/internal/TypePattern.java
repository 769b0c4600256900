package dev.taskqueue.internal;

/** Types of tasks as people name them: one type, or how some begin with {@code *} behind it. */
public final class TypePattern {

    private TypePattern() {}

    /**
     * @param pattern a pattern
     * @param type a type; or another pattern, for whether all of its types are
     * @return whether the type is among those that the pattern stands for
     */
    public static boolean fits(String pattern, String type) {
        return pattern.endsWith("*") ? type.regionMatches(0, pattern, 0, pattern.length() - 1) : type.equals(pattern);
    }
}
