package dev.taskqueue.worker;

import dev.taskqueue.broker.Claim;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The claims of one worker that are not settled yet. Whatever else lies in its processing list, no thread holds. */
final class Outstanding {

    private final Set<Claim> claims = ConcurrentHashMap.newKeySet();

    void add(Collection<Claim> claimed) {
        claims.addAll(claimed);
    }

    void remove(Claim claim) {
        claims.remove(claim);
    }

    int size() {
        return claims.size();
    }

    List<Claim> snapshot() {
        return List.copyOf(claims);
    }
}
