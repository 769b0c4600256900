package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.testing.ShiftedClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * All that can befall a fleet, at once and in any order ({@link HostileRound}): innocent tasks succeed, evil ones are buried
 * with their reason, nothing is left anywhere, and the workers are ready soon after. With {@code -Pchaos} alone: three
 * rounds of about a minute and a half, or as many as {@code -Dhostile.rounds} says; {@code -Dhostile.seed} begins with the
 * round of that seed, as the summary of each names it.
 */
@EnabledIfSystemProperty(named = "chaos", matches = "long")
class HostileRoundsTest {

    private static final int ROUNDS = Integer.getInteger("hostile.rounds", 3);
    private static final long FIRST_SEED = Long.getLong("hostile.seed", 20261124);

    @TempDir
    Path folder;

    @Test
    void innocents_succeed_evil_is_buried_and_the_fleet_is_ready_again() throws Exception {
        Optional<ShiftedClock> clock = ShiftedClock.in(folder);
        if (clock.isEmpty()) {
            System.out.println(
                    "hostile: no C compiler, or no redis-server that can be preloaded; clock jumps left out");
        }
        List<String> problems = new ArrayList<>();
        for (long seed = FIRST_SEED; seed < FIRST_SEED + ROUNDS; seed++) {
            Path own = Files.createDirectory(folder.resolve("round-" + seed));
            for (String problem : new HostileRound(own, clock, new Random(seed)).run("hostile " + seed)) {
                // At once, as hours may pass before the last round.
                System.out.println("hostile " + seed + ": " + problem);
                problems.add(seed + ": " + problem);
            }
        }
        assertThat(problems).isEmpty();
    }
}
