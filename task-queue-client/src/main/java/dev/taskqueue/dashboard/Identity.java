package dev.taskqueue.dashboard;

/**
 * Who asks.
 *
 * @param role what they may do
 * @param by how that is known: {@code token}, {@code session}, {@code loopback} or {@code nothing}
 */
record Identity(Role role, String by) {

    static final Identity NOBODY = new Identity(Role.ANYONE, "nothing");
}
